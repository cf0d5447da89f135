internal import Crypto
internal import Dispatch
internal import FoundationEssentials
internal import Postgres
internal import Synchronization

extension FleetEngine {
    /// Hours for which it is remembered which transactions were committed.
    private static let tokenHours: Int64 = 2

    /// Runs something on the writer's queue, after what is under way.
    private func onWriter<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            writer.queue.async {
                do {
                    guard !self.waiting.withLock({ $0.isClosed }) else { throw StoreError.closed }
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(
                        returning: .failure(
                            StoreFailure.map(
                                error,
                                directory: FleetHeader.place,
                                pseudonym: "the user"
                            )
                        )
                    )
                }
            }
        }
        return try result.get()
    }

    func pausing<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws(StoreError) -> Value {
        try await onWriter(body)
    }

    func changeMasterKey(from source: MasterKeySource) throws(StoreError) { throw .keyIsShared }

    func changeDataKey(of tag: IndexTag) async throws(StoreError) -> Bool {
        try await onWriter {
            var isThere = false
            try self.transact { transaction in
                isThere = try self.reseal(tag, transaction)
                return isThere
            }
            self.news.drop([tag])
            return isThere
        }
    }

    private func reseal(_ tag: IndexTag, _ transaction: FleetTransaction) throws -> Bool {
        guard let entry = try transaction.entry(tag) else { return false }
        let loader = UserLoader(db: transaction, database: names.database)
        let keys = UserKeys(entry, database: names.database)
        guard let head = try loader.head(of: entry, keys: keys) else { return false }
        let today = WriteBatch.day(of: now())
        let fresh = KeyringEntry(
            tag: tag,
            handle: entry.handle,
            epoch: entry.epoch + 1,
            dataKey: SymmetricKey(size: .bits256),
            createdDay: today,
            counter: head.counter,
            chain: head.chain
        )
        try Resealing(db: transaction, from: entry, to: fresh, database: names.database)
            .run(head, today: today)
        try transaction.replace(fresh)
        let action = AuditAction(
            .dataKeyChanged,
            subject: names.pseudonym(of: tag),
            ["epoch": String(fresh.epoch)]
        )
        try enter([action], at: now(), transaction.connection)
        try tell([news.message(renewed: tag)], transaction.connection)
        return true
    }

    func keyReport(source: String?) async throws(StoreError) -> KeyReport {
        let header = header.withLock { $0.header }
        return try await snapshot { transaction in
            var dataKeys = KeyReport.DataKeys()
            let connection = transaction.connection
            for row in try connection.run("SELECT tag FROM prefd_keys", within: .seconds(60)).rows {
                guard let entry = try transaction.entry(IndexTag(row.bytes(0))) else { continue }
                dataKeys.count(entry)
            }
            let most = try connection.run("SELECT max(version) FROM prefd_users").rows
                .first?.integerIfPresent(0)
            let erased = try connection.run("SELECT record FROM prefd_erasures").rows
                .count { try $0.bytes(0).first == ErasureRecord.Kind.user.rawValue }
            return dataKeys.report(
                source: source,
                header: header,
                erased: erased,
                mostWrites: Int(clamping: most ?? 0)
            )
        }
    }

    /// Forgets tokens of transactions that nobody asks about any more; pages are the server's own affair.
    func tidy(deleted: Int) async throws -> Int {
        let hour = Int64(now().timeIntervalSince1970 / 3_600) - Self.tokenHours
        try await onWriter {
            try self.transact { transaction in
                try transaction.connection.run(
                    "DELETE FROM prefd_writes WHERE hour < $1",
                    [.integer(hour)]
                ).affected > 0
            }
        }
        return 0
    }

    // MARK: The population

    private static let population = Envelope(purpose: "prefd/population/v1")

    private var populationKey: SymmetricKey {
        HKDF<SHA256>.expand(
            pseudoRandomKey: names.audit,
            info: Array("prefd/population/v1".utf8),
            outputByteCount: 32
        )
    }

    func population() async throws(StoreError) -> [UInt8]? {
        try await snapshot { try self.population($0.connection) }
    }

    private func population(_ connection: PostgresConnection) throws -> [UInt8]? {
        try connection.run("SELECT sealed FROM prefd_population WHERE id = 1").rows.first.map {
            try Self.population.open(
                $0.bytes(0),
                under: populationKey,
                at: names.database.bytes
            ).text
        }
    }

    func keepPopulation(
        _ bytes: [UInt8],
        after old: [UInt8]?
    ) async throws(StoreError) -> Bool {
        try await onWriter {
            var isKept = false
            try self.transact { transaction in
                let connection = transaction.connection
                // One release at a time, of all hosts.
                try connection.run("SELECT id FROM prefd_store WHERE id = 1 FOR UPDATE")
                isKept = try self.population(connection) == old
                guard isKept else { return false }
                let sealed = try Self.population.seal(
                    bytes,
                    under: self.populationKey,
                    at: self.names.database.bytes
                )
                try connection.run(
                    """
                    INSERT INTO prefd_population (id, sealed) VALUES (1, $1)
                    ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed
                    """,
                    [.bytes(sealed.bytes)]
                )
                return true
            }
            return isKept
        }
    }

    // MARK: The end

    func close() async {
        let wasClosed = waiting.withLock { waiting in
            defer { waiting.isClosed = true }
            return waiting.isClosed
        }
        guard !wasClosed else { return }
        await withCheckedContinuation { continuation in
            writer.queue.async {
                if self.audit.wantsCheckpoint, !self.reach.isAway {
                    // Without it the log is signed at the next occasion.
                    do {
                        try self.transact { transaction in
                            try self.enter(
                                [],
                                at: self.now(),
                                transaction.connection,
                                signing: true
                            )
                            return true
                        }
                    } catch {}
                }
                self.writer.close()
                continuation.resume()
            }
        }
        cache.dropAll()
        state.folder.unlock()
    }
}
