internal import Dispatch

extension Store {
    /// What was wrong with the audit log when the store was opened; nil where nothing was.
    ///
    /// The damaged log was put aside, as `audit.log.broken.N`, and a new one goes on.
    public var auditDamage: String? { engine.audit.damage }

    /// The key under which the audit log's checkpoints verify: Ed25519, 64 hex digits.
    public var auditKey: String { engine.audit.signer.publicKey }

    /// Writes an entry into the audit log; it is on disk when this returns.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``.
    public func enter(_ action: AuditAction) async throws(StoreError) {
        try await queue.enter(action)
    }

    /// Verifies the audit log from its first byte to its last, and against a checkpoint,
    /// `SEQUENCE:HASH`, that was noted down elsewhere; nil where that is none.
    ///
    /// - Throws: ``StoreError``.
    public func verifyAudit(
        checkpoint: String? = nil
    ) async throws(StoreError) -> AuditReport? {
        var head: AuditHead?
        if let checkpoint {
            head = AuditHead(spelling: checkpoint)
            if head == nil { return nil }
        }
        return try await verifyAudit(checkpoint: head, receipt: nil).report
    }

    /// The entry of the audit log about an erasure receipt; nil where there is none.
    ///
    /// - Throws: ``StoreError``.
    public func auditEntry(of receipt: ErasureReceipt) async throws(StoreError) -> Int? {
        try await verifyAudit(checkpoint: nil, receipt: receipt.id).entry.map(Int.init(clamping:))
    }

    private func verifyAudit(
        checkpoint: AuditHead?,
        receipt: String?
    ) async throws(StoreError) -> (report: AuditReport, entry: UInt64?) {
        let directory = directory
        let audit = engine.audit
        // Taken between two writes, so that nothing is half written.
        let (mark, size) = try await engine.pausing {
            audit.mend()
            return (audit.mark, try directory.size(of: AuditLog.name))
        }
        let verification = AuditVerification(
            signer: audit.signer,
            mark: mark,
            checkpoint: checkpoint,
            receipt: receipt
        )
        let result: Result<(AuditReport, UInt64?), StoreError> = await withCheckedContinuation {
            continuation in
            DispatchQueue.global(qos: .utility).async {
                do throws(StoreError) {
                    let bytes = try directory.bytes(of: AuditLog.name, upTo: Int(mark.end))
                    let (report, entry) = verification.run(bytes, size: size)
                    continuation.resume(returning: .success((report, entry)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

extension StateDirectory {
    fileprivate func bytes(of name: String, upTo count: Int) throws(StoreError) -> [UInt8] {
        guard let file = try openIfPresent(name) else { return [] }
        do throws(SystemCall) {
            return try file.read(count: min(count, try file.status().size), at: 0)
        } catch {
            throw .directoryUnusable(path: path + "/" + name, reason: error.reason)
        }
    }
}
