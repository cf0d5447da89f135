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

    /// The scopes granted now, and the preferences that were set.
    public func profile(of principal: Principal) async throws(StoreError) -> Profile {
        try await store.profile(of: principal)
    }

    /// The scopes granted now, and the preferences in force in an app: those that were set, and those
    /// learned on dimensions that the user has not settled everywhere.
    ///
    /// Where the user's signals are still being read it does not wait for long, and has what was set.
    public func profile(
        of principal: Principal,
        in app: String
    ) async throws(StoreError) -> Profile {
        let profile = try await store.profile(of: principal)
        let set = profile.preferences.counting(in: app, under: profile.granted)
        let learned =
            profile.mayKeepSignals
            ? await tastes.conclusionsForAnswer(to: principal, in: app) : TasteView.Conclusions()
        let used = Self.open(learned.used, beside: set)
        return Profile(
            preferences: used.isEmpty ? set : set + used,
            granted: profile.granted,
            dropped: Self.open(learned.dropped, beside: set)
        )
    }

    /// The preferences that were set and those learned, in whatever app they count, however long it
    /// takes to read the latter.
    public func preferences(of principal: Principal) async throws(StoreError) -> [Preference] {
        let profile = try await store.profile(of: principal)
        guard profile.mayKeepSignals else { return profile.preferences }
        let learned = await tastes.preferences(of: principal)
        return profile.preferences + Self.open(learned, beside: profile.preferences)
    }

    /// The same, as they count in an app.
    public func preferences(
        of principal: Principal,
        in app: String
    ) async throws(StoreError) -> [Preference] {
        let profile = try await store.profile(of: principal)
        let set = profile.preferences.counting(in: app, under: profile.granted)
        guard profile.mayKeepSignals else { return set }
        return set + Self.open(await tastes.preferences(of: principal, in: app), beside: set)
    }

    /// What was learned on dimensions that are not settled everywhere.
    private static func open(
        _ learned: [LearnedPreference],
        beside set: [Preference]
    ) -> [Preference] {
        guard !learned.isEmpty else { return [] }
        let settled = Set(set.filter { $0.reach == .everywhere }.map(\.key.dimension))
        return learned.filter { !settled.contains($0.key.dimension) }.compactMap(\.preference)
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
        // A shorter retention may end the time of signals that were kept before; sharing changes where
        // they count.
        defer { if scope.gathersSignals || scope.isSharing { tastes.forget(principal) } }
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
            if scope.gathersSignals || scope.isSharing || scope == .experiments {
                tastes.forget(principal)
            }
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

    /// Whether it lets what one app gathered count in others.
    var isSharing: Bool { if case .share = self { true } else { false } }
}
