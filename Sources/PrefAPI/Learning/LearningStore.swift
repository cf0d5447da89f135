internal import PrefLearning
public import PrefModel
public import PrefStore

/// The store with what its signals have taught: profiles hold learned preferences beside those that
/// were set, and whatever adds or deletes signals is heard of here.
public struct LearningStore: AccountStore {
    private let store: any AccountStore
    private let tastes: Tastes
    private let start: StartingPoint?

    /// Joins a store to what is learned from it.
    ///
    /// `start` is what moves the point where users start, where anything does.
    public init(_ store: any AccountStore, tastes: Tastes, start: StartingPoint? = nil) {
        self.store = store
        self.tastes = tastes
        self.start = start
    }

    /// The scopes granted now, and the preferences in force: those that were set, and those learned on
    /// dimensions that the user has not settled everywhere.
    ///
    /// Where the user's signals are still being read it does not wait for long, and has what was set.
    public func profile(of principal: Principal) async throws(StoreError) -> Profile {
        let profile = try await store.profile(of: principal)
        guard profile.mayKeepSignals else { return profile }
        return Self.adding(await tastes.conclusionsForAnswer(to: principal), to: profile)
    }

    /// The preferences that were set and those learned, however long it takes to read the latter.
    public func preferences(of principal: Principal) async throws(StoreError) -> [Preference] {
        let profile = try await store.profile(of: principal)
        guard profile.mayKeepSignals else { return profile.preferences }
        return Self.adding(await tastes.conclusions(of: principal), to: profile).preferences
    }

    private static func adding(
        _ learned: KnownTastes.Conclusions,
        to profile: Profile
    ) -> Profile {
        let settled = Set(
            profile.preferences.filter { $0.key.context == .everywhere }.map(\.key.dimension)
        )
        func open(_ learned: [LearnedPreference]) -> [Preference] {
            learned.filter { !settled.contains($0.key.dimension) }.compactMap(\.preference)
        }
        let (used, dropped) = (open(learned.used), open(learned.dropped))
        guard !used.isEmpty || !dropped.isEmpty else { return profile }
        return Profile(
            preferences: profile.preferences + used,
            granted: profile.granted,
            dropped: dropped
        )
    }

    /// Keeps preferences, all or none.
    public func set(
        _ values: [(PreferenceKey, String)],
        of principal: Principal,
        method: ConsentMethod
    ) async throws(StoreError) -> (preferences: [Preference], receipt: ConsentRecord?) {
        try await store.set(values, of: principal, method: method)
    }

    /// Forgets preferences that were set; learned ones go with their signals only.
    public func removePreferences(
        _ keys: [PreferenceKey],
        of principal: Principal
    ) async throws(StoreError) -> [Preference] {
        try await store.removePreferences(keys, of: principal)
    }

    /// The consents, standing and withdrawn.
    public func consents(of principal: Principal) async throws(StoreError) -> [ConsentRecord] {
        try await store.consents(of: principal)
    }

    /// Gives a consent; what was learned is read again.
    public func grant(
        _ scope: ConsentScope,
        of principal: Principal,
        method: ConsentMethod,
        retentionSeconds: Int64?
    ) async throws(StoreError) -> ConsentRecord {
        // A shorter retention may end the time of signals that were kept before.
        defer { if scope.gathersSignals { tastes.forget(principal) } }
        return try await store.grant(
            scope,
            of: principal,
            method: method,
            retentionSeconds: retentionSeconds
        )
    }

    /// Withdraws a consent with all that it had gathered, what was learned from it included.
    public func withdraw(
        _ scope: ConsentScope,
        of principal: Principal
    ) async throws(StoreError) -> ConsentRecord? {
        let counted = await isCounted(principal)
        // What experiments have shown is remembered beside what signals teach.
        defer {
            if scope.gathersSignals || scope == .experiments { tastes.forget(principal) }
            if counted, scope.gathersSignals || scope == .population { start?.drop() }
        }
        return try await store.withdraw(scope, of: principal)
    }

    /// Whether the point where others start may have been moved by this user.
    private func isCounted(_ principal: Principal) async -> Bool {
        guard start != nil else { return false }
        // Where that cannot be read it may.
        return (try? await store.profile(of: principal))?.granted.contains(.population) ?? true
    }

    /// Keeps a signal under its scope, and learns from it.
    public func record(_ signal: Signal, of principal: Principal) async throws(StoreError) {
        let losses = tastes.losses
        try await store.record(signal, of: principal)
        var kept = signal
        // As the store keeps it: consent may have gone since the request was part of an experiment.
        if kept.experiments != nil,
            (try? await store.profile(of: principal))?.granted.contains(.experiments) != true
        {
            kept.experiments = nil
        }
        await tastes.absorb(kept, of: principal, since: losses)
    }

    /// The signals that are kept.
    public func signals(of principal: Principal) async throws(StoreError) -> [Signal] {
        try await store.signals(of: principal)
    }

    /// Everything held.
    public func export(of principal: Principal) async throws(StoreError) -> StoredData {
        try await store.export(of: principal)
    }

    /// Erases everything.
    public func forget(_ principal: Principal) async throws(StoreError) -> ErasureReceipt {
        let counted = await isCounted(principal)
        defer {
            tastes.forget(principal)
            if counted { start?.drop() }
        }
        return try await store.forget(principal)
    }

    /// The users, by pseudonym.
    public func users() async throws(StoreError) -> [UserSummary] { try await store.users() }

    /// Everything held on the user of a pseudonym.
    public func export(pseudonym: String) async throws(StoreError) -> StoredData? {
        try await store.export(pseudonym: pseudonym)
    }

    /// Erases everything on the user of a pseudonym.
    public func forget(pseudonym: String) async throws(StoreError) -> ErasureReceipt? {
        // Who it is, is only known to the store; everyone else is read again when they ask.
        defer {
            tastes.forgetAll()
            start?.drop()
        }
        return try await store.forget(pseudonym: pseudonym)
    }

    /// The keyed pseudonym of a principal.
    public func pseudonym(of principal: Principal) -> String { store.pseudonym(of: principal) }
}

extension ConsentScope {
    /// Whether signals are kept under it.
    var gathersSignals: Bool { self == .signalsExplicit || self == .signalsImplicit }
}
