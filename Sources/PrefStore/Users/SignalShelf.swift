internal import FoundationEssentials
internal import PrefModel

/// All signals of one user and scope, verified, each with its excerpts.
struct SignalShelf {
    typealias Pair = (UserState.Stored<StoredSignal>, UserState.Stored<StoredExcerpts>?)

    let signals: [Pair]

    /// - Throws: `Envelope.Damaged` where the records do not add up, or an error of the database.
    init(db: any SealedRecords, keys: UserKeys, head: UserHead, code: ScopeCode) throws {
        let loader = UserLoader(db: db, database: keys.database)
        let bare: [UserState.Stored<StoredSignal>] = try loader.records(
            of: code.signals,
            keys: keys,
            sum: head.sum(of: code.signals)
        )
        let excerpts: [UserState.Stored<StoredExcerpts>] = try loader.records(
            of: code.excerpts,
            keys: keys,
            sum: head.sum(of: code.excerpts)
        )
        let byRow = Dictionary(
            excerpts.map { ($0.place.row, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        signals = bare.map { ($0, byRow[$0.place.row]) }
    }

    init(db: any SealedRecords, user: UserState, code: ScopeCode) throws {
        try self.init(db: db, keys: user.keys, head: user.head, code: code)
    }

    /// The signals that may still be kept, with the excerpts that may.
    func current(at now: Date) -> [Signal] {
        signals.compactMap { stored, excerpts in
            if let expiry = stored.value.expiresAt, expiry <= now { return nil }
            var signal = stored.value.signal
            if let excerpts = excerpts?.value, excerpts.expiresAt.map({ $0 > now }) ?? true {
                signal.excerpts = excerpts.excerpts
            }
            return signal
        }
    }
}
