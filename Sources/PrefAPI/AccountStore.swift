public import PrefModel
public import PrefStore

/// What the API needs of the store.
public protocol AccountStore: Sendable {
    /// The scopes granted now, and the preferences that were set.
    func profile(of principal: Principal) async throws(StoreError) -> Profile
    /// Every preference, in whatever context.
    func preferences(of principal: Principal) async throws(StoreError) -> [Preference]
    /// Every preference as it counts in an app.
    func preferences(
        of principal: Principal,
        in app: String
    ) async throws(StoreError) -> [Preference]
    /// Keeps preferences, all or none, and grants `preferences` where it was not.
    ///
    /// The receipt is nil where that consent stood already.
    func set(
        _ values: [(PreferenceKey, String)],
        of principal: Principal,
        method: ConsentMethod
    ) async throws(StoreError) -> (preferences: [Preference], receipt: ConsentRecord?)
    /// Forgets preferences, all in one transaction, and gives those that were there.
    func removePreferences(
        _ keys: [PreferenceKey],
        of principal: Principal
    ) async throws(StoreError) -> [Preference]
    /// The consents, standing and withdrawn.
    func consents(of principal: Principal) async throws(StoreError) -> [ConsentRecord]
    /// Gives a consent.
    func grant(
        _ scope: ConsentScope,
        of principal: Principal,
        method: ConsentMethod,
        retentionSeconds: Int64?
    ) async throws(StoreError) -> ConsentRecord
    /// Withdraws a consent with all that it had gathered; nil where it did not stand.
    func withdraw(
        _ scope: ConsentScope,
        of principal: Principal
    ) async throws(StoreError) -> ConsentRecord?
    /// Keeps a signal under its scope.
    func record(_ signal: Signal, of principal: Principal) async throws(StoreError)
    /// The signals that are kept.
    func signals(of principal: Principal) async throws(StoreError) -> [Signal]
    /// Everything held.
    func export(of principal: Principal) async throws(StoreError) -> StoredData
    /// Erases everything.
    func forget(_ principal: Principal) async throws(StoreError) -> ErasureReceipt
    /// The users, by pseudonym.
    func users() async throws(StoreError) -> [UserSummary]
    /// Everything held on the user of a pseudonym; nil where there is none.
    func export(pseudonym: String) async throws(StoreError) -> StoredData?
    /// Erases everything on the user of a pseudonym; nil where there is none.
    func forget(pseudonym: String) async throws(StoreError) -> ErasureReceipt?
    /// The keyed pseudonym that stands for a principal in the journal.
    func pseudonym(of principal: Principal) -> String
}

extension Store: AccountStore {
    /// The preferences that were set, as they count in an app.
    public func preferences(
        of principal: Principal,
        in app: String
    ) async throws(StoreError) -> [Preference] {
        let profile = try await profile(of: principal)
        return profile.preferences.counting(in: app, under: profile.granted)
    }

    /// What is kept of a user that teaches anything, and which of it may count beyond its own app.
    public func keptSignals(of principal: Principal) async throws(StoreError) -> KeptSignals {
        KeptSignals(
            signals: try await signals(of: principal),
            sharedApps: try await profile(of: principal).granted.sharedApps
        )
    }
}
