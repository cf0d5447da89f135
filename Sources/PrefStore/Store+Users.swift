internal import FoundationEssentials
internal import Dispatch
public import PrefModel

extension Store {
    /// Forgets a user: the key first, so that no copy of the rows can be read, then the rows and
    /// the log, then memory.
    ///
    /// Says how much there was.
    ///
    /// One who is not known gets a receipt over nothing, and nothing is written.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``; the key may be gone already, and calling again
    ///   finishes the rest.
    @discardableResult
    public func forget(_ principal: Principal) async throws(StoreError) -> ErasureReceipt {
        try await erase(names.tag(of: principal))
    }

    /// Forgets the user of a pseudonym; nil where there is none.
    ///
    /// - Throws: ``StoreError``, as for ``forget(_:)``.
    @discardableResult
    public func forget(pseudonym: String) async throws(StoreError) -> ErasureReceipt? {
        guard let tag = try await tag(of: pseudonym) else { return nil }
        return try await erase(tag)
    }

    /// Everything held on the user of a pseudonym; nil where there is none.
    ///
    /// - Throws: ``StoreError``.
    public func export(pseudonym: String) async throws(StoreError) -> StoredData? {
        guard let tag = try await tag(of: pseudonym) else { return nil }
        return try await export(tag)
    }

    /// Every user of whom something is stored, by pseudonym.
    ///
    /// - Throws: ``StoreError``: `recordDamaged` names the user whose records do not verify.
    public func users() async throws(StoreError) -> [UserSummary] {
        var summaries: [UserSummary] = []
        for tag in try await engine.tags() {
            let pseudonym = names.pseudonym(of: tag)
            if let summary = try await engine.read(
                tag,
                { _, user in
                    UserSummary(user, pseudonym: pseudonym)
                }
            ) {
                summaries.append(summary)
            }
        }
        return summaries.sorted { $0.pseudonym < $1.pseudonym }
    }

    /// Whether a receipt is this store's own, unchanged.
    public func verify(_ receipt: ErasureReceipt) -> Bool {
        receipt.seal
            == ErasureReceipt.seal(
                id: receipt.id,
                pseudonym: receipt.pseudonym,
                at: receipt.at,
                erased: receipt.erased,
                key: names.audit
            )
    }

    private func erase(_ tag: IndexTag) async throws(StoreError) -> ErasureReceipt {
        // Also for one who is not known: an earlier erasure that could not finish is then finished.
        let id = ErasureReceipt.newID()
        let erased = try await queue.erase(tag, receipt: id)
        return ErasureReceipt(
            id: id,
            pseudonym: names.pseudonym(of: tag),
            at: now(),
            erased: erased,
            key: names.audit
        )
    }

    func tag(of pseudonym: String) async throws(StoreError) -> IndexTag? {
        let (names, tags) = (names, try await engine.tags())
        // One keyed hash a user: a second for a million, so not on a thread that requests need.
        return await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(
                    returning: tags.first { names.pseudonym(of: $0) == pseudonym }
                )
            }
        }
    }
}

extension UserSummary {
    fileprivate init(_ user: UserState, pseudonym: String) {
        self.pseudonym = pseudonym
        preferences = user.preferences.count
        signals = ScopeCode.allCases.reduce(0) { $0 + Int(user.head.sum(of: $1.signals).count) }
        standingConsents = user.head.standing
        firstSeen = Date(timeIntervalSince1970: Double(user.head.firstDay) * 86_400)
        lastWrite = Date(timeIntervalSince1970: Double(user.head.lastDay) * 86_400)
    }
}
