internal import FoundationEssentials
internal import Glibc
public import PrefModel

extension Store {
    private static let populationName = "population.json"
    private static let populationDraftName = "population.new"

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
        for tag in keyring.tags.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            let signals = try await read(tag) { db, user -> [Signal]? in
                guard user.standing(scope) != nil else { return nil }
                return try ScopeCode.allCases.flatMap { code in
                    try SignalShelf(db: db, user: user, code: code).current(at: now)
                }
            }
            if let signals = signals.flatMap({ $0 }), await !each(signals) { return }
        }
    }

    /// What ``keepPopulation(_:)`` kept last; nil where it never did.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``.
    public func population() throws(StoreError) -> [UInt8]? {
        guard let file = try directory.openIfPresent(Self.populationName) else { return nil }
        do throws(SystemCall) {
            return try file.read(count: try file.status().size, at: 0)
        } catch {
            throw .unavailable(reason: error.reason)
        }
    }

    /// Keeps what has been told about the population as a whole, in clear: it is public by then.
    ///
    /// Durable when it returns.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``; then what was kept before still stands.
    public func keepPopulation(_ bytes: [UInt8]) throws(StoreError) {
        do throws(SystemCall) {
            let file = try File(
                Self.populationDraftName,
                in: directory.folder,
                flags: O_RDWR | O_CREAT | O_TRUNC
            )
            try file.write(bytes, at: 0)
            try file.sync()
            try directory.folder.rename(Self.populationDraftName, to: Self.populationName)
            try directory.folder.sync()
        } catch {
            throw .unavailable(reason: error.reason)
        }
    }
}
