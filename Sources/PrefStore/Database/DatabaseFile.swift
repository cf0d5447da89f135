internal import FoundationEssentials
internal import GRDB
internal import Glibc

/// The database's file: looked at without touching it, then opened for good.
struct DatabaseFile {
    private static let busySeconds = 5
    /// What is kept of the log's file when what is in it was written back.
    private static let logBytes = 4 << 20
    private let directory: StateDirectory

    init(_ directory: StateDirectory) { self.directory = directory }

    /// Whether there is a database, or a log of one, with anything in it.
    var isPresent: Bool {
        get throws(StoreError) {
            if try directory.size(of: StateDirectory.databaseName) > 0 { return true }
            return try directory.size(of: StateDirectory.databaseName + "-wal") > 0
        }
    }

    /// Reads the state row through a connection that cannot write; nil where there is none yet.
    ///
    /// - Throws: ``StoreError``: a newer schema, or damage.
    func inspect(codes: Authenticator) throws(StoreError) -> DatabaseState? {
        guard try directory.size(of: StateDirectory.databaseName) > 0 else {
            throw .databaseMissing(directory: directory.path)
        }
        let hasLog = try directory.size(of: StateDirectory.databaseName + "-wal") > 0
        let hadIndex = try directory.openIfPresent(StateDirectory.databaseName + "-shm") != nil
        var configuration = Self.configuration
        configuration.readonly = true
        do {
            // Without a log SQLite need not make one to read. With one it makes the log's index,
            // which goes again: the directory's lock says that nobody else uses it.
            let queue = try DatabaseQueue(
                path: hasLog ? directory.databasePath : immutablePath,
                configuration: configuration
            )
            defer {
                // A read-only connection has nothing to lose when it does not close cleanly.
                do {
                    try queue.close()
                    if !hadIndex {
                        try directory.folder.remove(StateDirectory.databaseName + "-shm")
                    }
                } catch {}
            }
            return try queue.read { db in
                let version = try Schema.version(of: db)
                guard version <= Schema.version else {
                    throw StoreError.schemaNewer(version: version, supported: Schema.version)
                }
                guard version > 0 else { return nil }
                guard
                    try Int.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID
                else {
                    throw StoreError.databaseDamaged(
                        directory: directory.path,
                        detail: "it was not made by prefd"
                    )
                }
                return try DatabaseState.fetch(db, codes: codes)
            }
        } catch {
            throw StoreFailure.map(error, directory: directory.path, pseudonym: "the store")
        }
    }

    /// Opens the database for reading and writing, durable, and brings it to the newest schema.
    ///
    /// - Throws: ``StoreError``.
    func open() async throws(StoreError) -> DatabasePool {
        do {
            // Made here so that it is nobody else's from its first moment; SQLite gives its log
            // the same mode.
            _ = try File(
                StateDirectory.databaseName,
                in: directory.folder,
                flags: O_RDWR | O_CREAT,
                mode: 0o600
            )
            try prepareNew()
            let pool = try DatabasePool(
                path: directory.databasePath,
                configuration: Self.configuration
            )
            try await pool.writeWithoutTransaction { db in
                // The pool sets NORMAL after `prepareDatabase`: set, and asserted, here.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                    throw StoreError.unavailable(reason: "database: it refuses durable writes")
                }
                try Schema.migrate(db)
            }
            try directory.folder.sync()
            return pool
        } catch {
            throw StoreFailure.map(error, directory: directory.path, pseudonym: "the store")
        }
    }

    /// Gives a new database what can only be given to one that has no page yet: that free pages can be
    /// given back.
    private func prepareNew() throws {
        guard try directory.size(of: StateDirectory.databaseName) == 0 else { return }
        let queue = try DatabaseQueue(path: directory.databasePath)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
        }
        try queue.close()
    }

    /// The database as a URI that says that nobody changes it meanwhile.
    private var immutablePath: String {
        let unreserved = Set("/-._~".utf8)
        var uri = "file:"
        for byte in directory.databasePath.utf8 {
            let character = Character(UnicodeScalar(byte))
            if unreserved.contains(byte)
                || (character.isASCII && (character.isLetter || character.isNumber))
            {
                uri.append(character)
            } else {
                uri += "%" + Hex.encode([byte])
            }
        }
        return uri + "?immutable=1"
    }

    /// How long a connection waits for another one.
    static func setBusyTimeout(_ db: Database) throws {
        try db.execute(sql: "PRAGMA busy_timeout = \(busySeconds * 1000)")
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "prefd.store"
        configuration.busyMode = .timeout(Double(busySeconds))
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA temp_store = MEMORY;
                    PRAGMA secure_delete = ON;
                    PRAGMA journal_size_limit = \(logBytes);
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    """
            )
        }
        return configuration
    }
}
