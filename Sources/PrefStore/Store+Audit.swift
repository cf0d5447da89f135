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
        let (mark, files) = try await engine.pausing {
            audit.mend()
            return (audit.mark, try AuditLog.files(in: directory))
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
                    let size = try files.last.map { name, file throws(StoreError) in
                        name == AuditLog.name ? try directory.size(of: file, named: name) : 0
                    }
                    let found = try verification.run(
                        files.map { name, file in
                            let end = name == AuditLog.name ? Int(mark.end) : Int.max
                            return (
                                name,
                                { () throws(StoreError) in
                                    try directory.bytes(of: file, named: name, upTo: end)
                                }
                            )
                        },
                        size: size ?? 0
                    )
                    continuation.resume(returning: .success((found.report, found.receiptEntry)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

extension StateDirectory {
    fileprivate func size(of file: File, named name: String) throws(StoreError) -> Int {
        do throws(SystemCall) { return try file.status().size } catch {
            throw .directoryUnusable(path: path + "/" + name, reason: error.reason)
        }
    }

    fileprivate func bytes(
        of file: File,
        named name: String,
        upTo count: Int
    ) throws(StoreError) -> [UInt8] {
        let count = min(count, try size(of: file, named: name))
        do throws(SystemCall) { return try file.read(count: count, at: 0) } catch {
            throw .directoryUnusable(path: path + "/" + name, reason: error.reason)
        }
    }
}
