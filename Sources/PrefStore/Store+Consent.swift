public import PrefModel

extension Store {
    /// The consents, standing and withdrawn, in the order in which they were given.
    ///
    /// - Throws: ``StoreError``, as for ``profile(of:)``.
    public func consents(of principal: Principal) async throws(StoreError) -> [ConsentRecord] {
        try await user(principal)?.state.consents.map(\.value) ?? []
    }

    /// Grants a scope and gives the receipt.
    ///
    /// A scope that stands with the same retention stays as it is, with its receipt. With another
    /// retention its record ends and a new one begins; a shorter retention also holds for what was
    /// kept before.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    public func grant(
        _ scope: ConsentScope,
        of principal: Principal,
        method: ConsentMethod,
        retentionSeconds: Int64? = nil
    ) async throws(StoreError) -> ConsentRecord {
        try await queue.write(about: names.tag(of: principal)) { batch in
            try batch.grant(
                scope,
                of: principal,
                method: method,
                retentionSeconds: retentionSeconds
            )
        }
    }

    /// Withdraws a scope and deletes what it had gathered, in the same transaction.
    ///
    /// The receipt says when; nil where the scope is not granted. The write-ahead log is emptied too
    /// before this returns or, where a reader is still in it, as soon as that one is done.
    ///
    /// `preferences`: all preferences. `signals.*`: those signals and their excerpts. `content`: the
    /// excerpts, not their signals.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    public func withdraw(
        _ scope: ConsentScope,
        of principal: Principal
    ) async throws(StoreError) -> ConsentRecord? {
        let tag = names.tag(of: principal)
        guard engine.mayHold(tag) else { return nil }
        return try await queue.write(about: tag) { batch in try batch.withdraw(scope, tag: tag) }
    }
}
