internal import FoundationEssentials
public import PrefModel

extension Store {
    /// Goes through the users who grant a scope, with the signals that are kept of each.
    ///
    /// Who they are is not said. Always in the same order, and until `each` says that it is enough.
    ///
    /// - Throws: ``StoreError``.
    public func signals(
        granting scope: ConsentScope,
        _ each: @Sendable ([Signal]) async -> Bool
    ) async throws(StoreError) {
        let now = now()
        for tag in try await engine.tags().sorted(by: {
            $0.bytes.lexicographicallyPrecedes($1.bytes)
        }) {
            let signals = try await engine.read(tag) { db, user -> [Signal]? in
                guard user.standing(scope) != nil else { return nil }
                return try ScopeCode.allCases.flatMap { code in
                    try SignalShelf(db: db, user: user, code: code).current(at: now)
                }
            }
            if let signals = signals.flatMap({ $0 }), await !each(signals) { return }
        }
    }

    /// What ``keepPopulation(_:after:)`` kept last; nil where it never did.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``.
    public func population() async throws(StoreError) -> [UInt8]? {
        try await engine.population()
    }

    /// Keeps what has been told about the population as a whole, which is public by then; false where
    /// what was kept is not `old` any more.
    ///
    /// Durable when it returns.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``; then what was kept before still stands.
    public func keepPopulation(
        _ bytes: [UInt8],
        after old: [UInt8]?
    ) async throws(StoreError) -> Bool {
        try await engine.keepPopulation(bytes, after: old)
    }
}
