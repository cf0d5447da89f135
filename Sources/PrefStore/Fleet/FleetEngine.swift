internal import Dispatch
internal import FoundationEssentials
internal import Glibc
internal import Postgres
internal import Synchronization

/// A store on a PostgreSQL server that several hosts share, all under one master key.
///
/// The server has sealed records, blind indexes and random handles. This host has its own audit log and
/// ledger of erasures, and what is in memory.
final class FleetEngine: StoreEngine {
    /// What is in memory is used for so long without news of the other hosts.
    static let staleAfter = Duration.seconds(300)
    private static let readers = 4
    private static let healthSeconds = Duration.seconds(10)

    let server: PostgresServer
    let state: StateDirectory
    let host: FleetHost
    let names: StoreNames
    let cache: ProfileCache
    let audit: AuditLog
    let erasures: ErasureLedger
    let limits: StoreLimits
    let source: MasterKeySource?
    let now: @Sendable () -> Date
    let header: Mutex<FleetHeader>
    let reach = FleetReach()
    /// Whether the server tells hosts of changes; not all that speak PostgreSQL's language do.
    let isTelling = Mutex(true)
    let news: FleetNews
    let writer: FleetLane
    let waiting = Mutex(Waiting())
    let statistics = Mutex(WriteQueue.Statistics())
    private let lanes: [FleetLane]
    private let nextLane = Mutex(0)
    private let lastHealth = Mutex<(health: StoreHealth, at: ContinuousClock.Instant)?>(nil)

    init(
        server: PostgresServer,
        state: StateDirectory,
        host: FleetHost,
        header: FleetHeader,
        audit: AuditLog,
        erasures: ErasureLedger,
        limits: StoreLimits,
        source: MasterKeySource?,
        now: @escaping @Sendable () -> Date
    ) {
        self.server = server
        self.state = state
        self.host = host
        self.audit = audit
        self.erasures = erasures
        self.limits = limits
        self.source = source
        self.now = now
        names = StoreNames(header.header)
        self.header = Mutex(header)
        cache = ProfileCache(limit: limits.cachedUsers)
        news = FleetNews(host: host.id, cache: cache, names: names)
        writer = FleetLane(server, name: "prefd write")
        lanes = (0..<Self.readers).map { _ in FleetLane(server, name: "prefd read") }
    }

    var kind: StoreKind { .postgres }
    var queue: any WorkQueue { self }

    func checkMemory() throws(StoreError) {
        if reach.away > Self.staleAfter, let failure = reach.failure { throw failure }
    }

    func mayHold(_ tag: IndexTag) -> Bool { true }

    /// Runs something when whoever asked has waited long enough.
    func after(_ patience: Duration, _ body: @escaping @Sendable () -> Void) {
        let (seconds, attoseconds) = patience.components
        let wait = Double(seconds) + Double(attoseconds) * 1e-18
        DispatchQueue.global().asyncAfter(deadline: .now() + wait, execute: body)
    }

    /// Blocks the thread, which is one that nothing else waits for.
    static func sleep(_ seconds: Double) { _ = usleep(UInt32(seconds * 1_000_000)) }

    // MARK: Reading

    func read<Value: Sendable>(
        _ tag: IndexTag,
        _ body: @escaping @Sendable (any SealedRecords, UserState) throws -> Value
    ) async throws(StoreError) -> Value? {
        try await snapshot(about: tag) { transaction in
            try transaction.user(tag).map { try body(transaction, $0) }
        }
    }

    func load(_ tag: IndexTag) async throws(StoreError) -> UserState? {
        try await snapshot(about: tag, within: limits.requestPatience) { try $0.user(tag) }
    }

    /// Runs something on what was committed at one moment.
    ///
    /// Nobody waits where the server is known to be away, nor for longer than they can.
    func snapshot<Value: Sendable>(
        about tag: IndexTag? = nil,
        within patience: Duration? = nil,
        _ body: @escaping @Sendable (FleetTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        if let failure = reach.failure { throw failure }
        let pseudonym = tag.map(names.pseudonym) ?? "the store"
        let lane = nextLane.withLock { next in
            next = (next + 1) % lanes.count
            return lanes[next]
        }
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let answer = Once<Result<Value, StoreError>> { continuation.resume(returning: $0) }
            lane.queue.async {
                // Whoever asked has been told no.
                guard !answer.isOver else { return }
                do {
                    answer.give(.success(try self.snapshot(on: lane, body)))
                } catch {
                    answer.give(
                        .failure(
                            StoreFailure.map(
                                error,
                                directory: FleetHeader.place,
                                pseudonym: pseudonym
                            )
                        )
                    )
                }
            }
            after(patience ?? limits.patience) {
                answer.give(.failure(.serverAway(reason: "it did not answer in time")))
            }
        }
        return try result.get()
    }

    private func snapshot<Value>(
        on lane: FleetLane,
        _ body: (FleetTransaction) throws -> Value
    ) throws -> Value {
        var hasRetried = false
        while true {
            if let failure = reach.failure { throw failure }
            // One that was made long ago may have ended since.
            let wasConnected = lane.isConnected
            do {
                return try lane.use { try self.snapshot(on: $0, body) }
            } catch is FleetTransaction.KeysChanged where !hasRetried {
                hasRetried = true
                try lane.use { try self.renewHeader($0) }
            } catch let error as PostgresError
                where error.isPassing && !hasRetried && (wasConnected || !error.endsConnection)
            {
                hasRetried = true
            } catch {
                if let error = error as? PostgresError, error.endsConnection {
                    reach.lose(error.description)
                }
                throw error
            }
        }
    }

    private func snapshot<Value>(
        on connection: PostgresConnection,
        _ body: (FleetTransaction) throws -> Value
    ) throws -> Value {
        try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            let value = try body(transaction(on: connection, isWriting: false))
            try connection.run("COMMIT")
            return value
        } catch {
            // What ended the connection has ended the transaction.
            do { try connection.run("ROLLBACK") } catch {}
            throw error
        }
    }

    func transaction(on connection: PostgresConnection, isWriting: Bool) -> FleetTransaction {
        FleetTransaction(
            connection,
            names: names,
            header: header.withLock { $0 },
            isWriting: isWriting
        )
    }

    /// Takes over the header that another host has written under another master key.
    ///
    /// - Throws: ``FleetTransaction/KeysChanged`` where it is the same, or a key that this host lacks.
    func renewHeader(_ connection: PostgresConnection) throws {
        guard let source else { throw FleetTransaction.KeysChanged() }
        let present = try source.load()
        let renewed: FleetHeader?
        do {
            renewed = try FleetHeader.read(connection, master: present)
        } catch StoreError.wrongKey {
            guard let previous = try source.loadPrevious() else { throw StoreError.keyIsShared }
            renewed = try FleetHeader.read(connection, master: previous)
        }
        guard let renewed, renewed.header.database == names.database,
            renewed.header.generation != header.withLock({ $0.header.generation })
        else { throw FleetTransaction.KeysChanged() }
        header.withLock { $0 = renewed }
    }

    // MARK: Everyone

    func tags() async throws(StoreError) -> [IndexTag] {
        try await snapshot { transaction in
            try transaction.connection.run("SELECT tag FROM prefd_keys").rows
                .map { try $0.bytes(0) }
                .filter { $0.count == IndexTag.byteCount }.map { IndexTag($0) }
        }
    }

    func tags(of handles: Set<Handle>) async throws -> [Handle: IndexTag] {
        try await snapshot { transaction in
            var found: [Handle: IndexTag] = [:]
            for handle in handles {
                let rows = try transaction.connection.run(
                    "SELECT tag FROM prefd_keys WHERE handle = $1",
                    [.bytes(handle.bytes)]
                )
                guard let tag = try rows.rows.first?.bytes(0), tag.count == IndexTag.byteCount
                else { continue }
                found[handle] = IndexTag(tag)
            }
            return found
        }
    }

    func handles(after last: Handle?, expiredBy hour: Int64, limit: Int) async throws -> [Handle] {
        try await snapshot { transaction in
            try transaction.connection.run(
                """
                SELECT handle FROM prefd_signals WHERE expires <= $1 AND handle > $2
                UNION SELECT handle FROM prefd_excerpts WHERE expires <= $1 AND handle > $2
                ORDER BY handle LIMIT \(limit)
                """,
                [.integer(hour), .bytes(last?.bytes ?? [])]
            ).rows.map { try $0.bytes(0) }
                .filter { $0.count == Handle.byteCount }.map { Handle($0) }
        }
    }

    // MARK: Figures

    func health() async -> StoreHealth {
        if !reach.isAway, let last = lastHealth.withLock({ $0 }),
            ContinuousClock.now - last.at < Self.healthSeconds
        {
            return health(users: last.health.users, readable: true)
        }
        do throws(StoreError) {
            let users = try await snapshot { transaction in
                try transaction.connection.run("SELECT count(*) FROM prefd_keys").rows
                    .first?.integer(0) ?? 0
            }
            let health = health(users: Int(users), readable: true)
            lastHealth.withLock { $0 = (health, .now) }
            return health
        } catch {
            let last = lastHealth.withLock { $0?.health }
            return health(users: last?.users ?? 0, readable: false)
        }
    }

    private func health(users: Int, readable: Bool) -> StoreHealth {
        StoreHealth(
            kind: kind,
            schemaVersion: FleetSchema.version,
            users: users,
            databaseBytes: 0,
            logBytes: 0,
            keyringBytes: 0,
            readable: readable,
            lastWriteFailure: reach.failure?.description
                ?? statistics.withLock { $0.lastFailure }
        )
    }
}

/// An answer that is given once, by whoever is first.
final class Once<Value: Sendable>: Sendable {
    private let receiver: Mutex<(@Sendable (Value) -> Void)?>

    init(_ receiver: @escaping @Sendable (Value) -> Void) { self.receiver = Mutex(receiver) }

    var isOver: Bool { receiver.withLock { $0 == nil } }

    func give(_ value: Value) {
        let receiver = receiver.withLock { receiver in
            defer { receiver = nil }
            return receiver
        }
        receiver?(value)
    }
}
