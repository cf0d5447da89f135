internal import Dispatch
public import FoundationEssentials
internal import Postgres
internal import Synchronization

extension Store {
    private static let openSeconds = Duration.seconds(30)

    /// Opens the store on a server, under the key of a source that all its hosts have; makes the tables
    /// where there are none.
    ///
    /// `server` is a libpq connection string. The state directory is this host's: its audit log and its
    /// ledger of erasures.
    ///
    /// - Throws: ``StoreError``, its own case for each thing that can be wrong.
    public static func open(
        server connection: String,
        directory path: String,
        source: MasterKeySource,
        limits: StoreLimits = StoreLimits(),
        now: @escaping @Sendable () -> Date = { Date() },
        onCheckpoint: @escaping @Sendable (AuditHead) -> Void = { _ in }
    ) async throws(StoreError) -> Store {
        let result: Result<(FleetEngine, Bool, [RowID]), StoreError> =
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    do {
                        let opened = try open(
                            PostgresServer(connection),
                            path,
                            source,
                            limits,
                            now,
                            onCheckpoint
                        )
                        continuation.resume(returning: .success(opened))
                    } catch {
                        continuation.resume(
                            returning: .failure(
                                StoreFailure.map(
                                    error,
                                    directory: FleetHeader.place,
                                    pseudonym: "the store"
                                )
                            )
                        )
                    }
                }
            }
        let (engine, changed, withdrawn) = try result.get()
        engine.watch()
        do {
            try await engine.listening()
            try await engine.withdrawAgain(withdrawn)
        } catch {
            throw StoreFailure.map(
                error,
                directory: FleetHeader.place,
                pseudonym: "the store"
            )
        }
        return Store(
            directory: engine.state,
            engine: engine,
            now: now,
            source: source,
            changedMasterKey: changed
        )
    }

    /// Has something told of users whom another host wrote about, by pseudonym; of everyone, where it is nil.
    ///
    /// A store in files has no other hosts.
    public func onForeignChange(_ listener: @escaping @Sendable (Set<String>?) -> Void) {
        (engine as? FleetEngine)?.news.tell(listener)
    }

    private static func open(
        _ server: PostgresServer,
        _ path: String,
        _ source: MasterKeySource,
        _ limits: StoreLimits,
        _ now: @escaping @Sendable () -> Date,
        _ onCheckpoint: @escaping @Sendable (AuditHead) -> Void
    ) throws -> (FleetEngine, Bool, [RowID]) {
        let present = try source.load()
        let connection = try connect(server)
        try FleetSchema.migrate(connection)
        let today = WriteBatch.day(of: now())
        var changed = false
        let header: FleetHeader
        do {
            header = try FleetHeader.open(on: connection, master: present, today: today)
        } catch StoreError.wrongKey(let place) {
            guard let previous = try source.loadPrevious() else {
                throw StoreError.wrongKey(directory: place)
            }
            try FleetHeader.takeOver(on: connection, from: previous, to: present, today: today)
            changed = true
            header = try FleetHeader.open(on: connection, master: present, today: today)
        }
        let directory = try StateDirectory(path)
        let names = StoreNames(header.header)
        let host = try FleetHost(in: directory, of: names)
        let audit = try AuditLog(
            in: directory,
            recorded: try host.mark(connection) ?? AuditLog.Mark.none,
            signer: AuditSigner(from: names.audit),
            limits: limits,
            onCheckpoint: onCheckpoint
        )
        let engine = FleetEngine(
            server: server,
            state: directory,
            host: host,
            header: header,
            audit: audit,
            erasures: try ErasureLedger(in: directory, of: names),
            limits: limits,
            source: source,
            now: now
        )
        audit.mend()
        let withdrawn = try engine.writer.queue.sync {
            if changed {
                try engine.transact { transaction in
                    try engine.enter(
                        [AuditAction(.masterKeyChanged)],
                        at: now(),
                        transaction.connection
                    )
                    return true
                }
            }
            return try engine.settleErasures()
        }
        return (engine, changed, withdrawn)
    }

    /// Waits for a server that is just starting, or for a standby that takes over.
    private static func connect(_ server: PostgresServer) throws -> PostgresConnection {
        let deadline = ContinuousClock.now + openSeconds
        while true {
            do throws(PostgresError) {
                return try server.connect(name: "prefd start")
            } catch {
                guard case .unreachable = error, ContinuousClock.now < deadline else { throw error }
                FleetEngine.sleep(0.25)
            }
        }
    }
}
