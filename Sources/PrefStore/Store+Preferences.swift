public import PrefModel

extension Store {
    /// What the request path needs of a principal.
    ///
    /// From memory after the first load; an unknown principal is never looked up on disk; never
    /// waits for a write.
    ///
    /// - Throws: ``StoreError/recordDamaged(pseudonym:)`` where the user's records do not verify,
    ///   ``StoreError/unavailable(reason:)`` where the disk does not answer.
    public func profile(of principal: Principal) async throws(StoreError) -> Profile {
        try await user(principal)?.profile ?? .unknown
    }

    /// The preferences that were set, in a stable order.
    ///
    /// - Throws: ``StoreError``, as for ``profile(of:)``.
    public func preferences(of principal: Principal) async throws(StoreError) -> [Preference] {
        try await profile(of: principal).preferences
    }

    /// Sets preferences, all of them or none.
    ///
    /// Values must have been accepted by the vocabulary.
    ///
    /// It grants `preferences` in the same transaction where it was not granted; only then there is a
    /// receipt. What is learned is never kept: it follows from the signals.
    ///
    /// - Throws: ``StoreError``: `tooMany`, `tooLarge`, `unavailable`.
    @discardableResult
    public func set(
        _ values: [(PreferenceKey, String)],
        of principal: Principal,
        method: ConsentMethod = .bySetting
    ) async throws(StoreError) -> (preferences: [Preference], receipt: ConsentRecord?) {
        guard !values.isEmpty else { return ([], nil) }
        let tag = names.tag(of: principal)
        let result = try await queue.write(about: tag) { batch in
            let named = values.map { (key: $0.0, value: $0.1) }
            let (preferences, receipt) = try batch.set(
                named,
                of: principal,
                method: method
            )
            return SetResult(preferences: preferences, receipt: receipt)
        }
        return (result.preferences, result.receipt)
    }

    /// Removes the preferences of these keys, and gives those that were there.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    public func removePreferences(
        _ keys: [PreferenceKey],
        of principal: Principal
    ) async throws(StoreError) -> [Preference] {
        try await removePreferences(matching: Set(keys), of: principal)
    }

    /// Removes all preferences, and gives those that were there.
    ///
    /// The consent stands.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    public func removeAllPreferences(
        of principal: Principal
    ) async throws(StoreError) -> [Preference] {
        try await removePreferences(matching: nil, of: principal)
    }

    private func removePreferences(
        matching keys: Set<PreferenceKey>?,
        of principal: Principal
    ) async throws(StoreError) -> [Preference] {
        let tag = names.tag(of: principal)
        guard engine.mayHold(tag) else { return [] }
        return try await queue.write(about: tag) { batch in
            try batch.removePreferences(keys, tag: tag)
        }
    }

    private struct SetResult: Sendable {
        let preferences: [Preference]
        let receipt: ConsentRecord?
    }
}
