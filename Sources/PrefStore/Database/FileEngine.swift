internal import Dispatch
internal import FoundationEssentials
internal import GRDB
internal import Synchronization

/// A store in files of this host: a keyring and a SQLite database.
final class FileEngine: StoreEngine {
    let directory: StateDirectory
    let keyring: Keyring
    let pool: DatabasePool
    let cache: ProfileCache
    let files: WriteQueue
    /// One release at a time is kept.
    let populating = Mutex(())

    init(
        directory: StateDirectory,
        keyring: Keyring,
        pool: DatabasePool,
        cache: ProfileCache,
        files: WriteQueue
    ) {
        self.directory = directory
        self.keyring = keyring
        self.pool = pool
        self.cache = cache
        self.files = files
    }

    var kind: StoreKind { .sqlite }
    var names: StoreNames { keyring.names }
    var audit: AuditLog { files.audit }
    var queue: any WorkQueue { files }

    func checkMemory() {}
    func mayHold(_ tag: IndexTag) -> Bool { keyring.contains(tag) }

    /// Reads one user from a snapshot of the database; nil where nothing is stored.
    func read<Value: Sendable>(
        _ tag: IndexTag,
        _ body: @escaping @Sendable (any SealedRecords, UserState) throws -> Value
    ) async throws(StoreError) -> Value? {
        let (keyring, directory) = (keyring, directory.path)
        while let entry = try keyring.entry(tag) {
            do {
                // The entry is read before the snapshot begins, so that it is never the newer one.
                return try await pool.read { db in
                    let loader = UserLoader(db: db, database: keyring.database)
                    return try loader.load(entry).map { user in try body(db, user) }
                }
            } catch {
                // The user may have been erased, or begun again, or got another data key in between.
                if keyring.isRotating(tag) {
                    do { try await Task.sleep(for: .milliseconds(1)) } catch {}
                    continue
                }
                let current = try keyring.entry(tag)
                if current?.handle != entry.handle || current?.epoch != entry.epoch { continue }
                throw StoreFailure.map(
                    error,
                    directory: directory,
                    pseudonym: keyring.pseudonym(of: tag)
                )
            }
        }
        return nil
    }

    func load(_ tag: IndexTag) async throws(StoreError) -> UserState? {
        try await read(tag) { _, user in user }
    }

    func tags() -> [IndexTag] { keyring.tags }

    func tags(of handles: Set<Handle>) throws -> [Handle: IndexTag] {
        try keyring.tags(of: handles)
    }

    func handles(after last: Handle?, expiredBy hour: Int64, limit: Int) async throws -> [Handle] {
        let after = Data(last?.bytes ?? [])
        return try await pool.read { db in
            let found = try Data.fetchAll(
                db,
                sql: """
                    SELECT handle FROM signals WHERE expires <= ? AND handle > ?
                    UNION SELECT handle FROM excerpts WHERE expires <= ? AND handle > ?
                    ORDER BY handle LIMIT \(limit)
                    """,
                arguments: [hour, after, hour, after]
            )
            return found.filter { $0.count == Handle.byteCount }.map { Handle([UInt8]($0)) }
        }
    }

    func tidy(deleted: Int) async throws -> Int {
        let pages = try await files.giveBackPages()
        // Until it is written back, the log still has what was deleted, and the file its length.
        if deleted + pages > 0 { try await files.emptyLog() }
        return pages
    }

    func pausing<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws(StoreError) -> Value {
        try await files.exclusively { _, _ in try body() }
    }

    func changeMasterKey(from source: MasterKeySource) async throws(StoreError) {
        try await files.changeMasterKey(from: source)
    }

    func changeDataKey(of tag: IndexTag) async throws(StoreError) -> Bool {
        try await files.changeDataKey(of: tag)
    }

    func keyReport(source: String?) async throws(StoreError) -> KeyReport {
        let keyring = keyring
        let result: Result<KeyReport, StoreError> = await withCheckedContinuation { continuation in
            // Not on a thread that requests need.
            DispatchQueue.global(qos: .utility).async {
                do throws(StoreError) {
                    continuation.resume(returning: .success(try keyring.report(source: source)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    func health() async -> StoreHealth {
        var version: Int?
        do { version = try await pool.read { db in try Schema.version(of: db) } } catch {}
        return StoreHealth(
            kind: kind,
            schemaVersion: version ?? Schema.version,
            users: keyring.userCount,
            databaseBytes: bytes(of: StateDirectory.databaseName),
            logBytes: bytes(of: StateDirectory.databaseName + "-wal"),
            keyringBytes: bytes(of: StateDirectory.keyringName),
            readable: version != nil,
            lastWriteFailure: files.lastFailure
        )
    }

    func close() async { await files.close() }

    private func bytes(of name: String) -> Int64 {
        do throws(StoreError) {
            return Int64(try directory.size(of: name))
        } catch {
            return 0
        }
    }
}

extension Store {
    /// The engine of a store that was opened in files: backups and restores are of nothing else.
    var files: FileEngine {
        guard let files = engine as? FileEngine else {
            preconditionFailure("this store has no files")
        }
        return files
    }
}
