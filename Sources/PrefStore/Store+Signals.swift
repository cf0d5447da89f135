internal import FoundationEssentials
public import PrefModel

extension Store {
    /// Keeps a signal under its kind's scope, and its excerpts only under `content`.
    ///
    /// - Throws: ``StoreError/consentRequired(_:)`` where the scope is not granted; nothing at all
    ///   is then written. `tooMany`, `tooLarge`, `unavailable`.
    public func record(_ signal: Signal, of principal: Principal) async throws(StoreError) {
        // Checked here so that a refusal costs no transaction, and in the write, where it counts.
        guard try await profile(of: principal).granted.contains(signal.kind.scope) else {
            throw .consentRequired(signal.kind.scope)
        }
        let tag = names.tag(of: principal)
        try await queue.write(about: tag) { batch in try batch.record(signal, tag: tag) }
    }

    /// The signals whose time has not run out, oldest first, with the excerpts whose has not.
    ///
    /// - Throws: ``StoreError``.
    public func signals(of principal: Principal) async throws(StoreError) -> [Signal] {
        try await export(of: principal).signals
    }

    /// Everything held on a user, from one snapshot.
    ///
    /// - Throws: ``StoreError``.
    public func export(of principal: Principal) async throws(StoreError) -> StoredData {
        try await export(names.tag(of: principal)) ?? .none
    }

    func export(_ tag: IndexTag) async throws(StoreError) -> StoredData? {
        let now = now()
        return try await engine.read(tag) { db, user in
            let signals = try ScopeCode.allCases.flatMap { code in
                try SignalShelf(db: db, user: user, code: code).current(at: now)
            }
            return StoredData(
                principal: user.head.principal,
                preferences: user.preferences.map(\.value),
                consents: user.consents.map(\.value),
                signals: signals.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
            )
        }
    }
}
