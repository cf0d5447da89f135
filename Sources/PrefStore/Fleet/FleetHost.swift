internal import Glibc
internal import Postgres

/// This host among those that share the store: a random name, and where its audit log stands.
struct FleetHost: Sendable {
    static let fileName = "fleet"

    let id: RowID
    private let database: DatabaseID
    private let codes: Authenticator

    /// Reads the host's name from the state directory, and makes one where there is none.
    ///
    /// - Throws: ``StoreError``: the directory is of another store.
    init(in directory: StateDirectory, of names: StoreNames) throws(StoreError) {
        database = names.database
        codes = Authenticator(from: names.audit, purpose: "prefd/host/v1")
        guard !StateDirectory.holdsStore(directory.path) else {
            throw .directoryUnusable(
                path: directory.path,
                reason: "it holds a store of this host's own, and the configuration names a server"
            )
        }
        if let file = try directory.openIfPresent(Self.fileName) {
            let bytes: [UInt8]
            do throws(SystemCall) {
                bytes = try file.read(count: 32, at: 0)
            } catch {
                throw .directoryUnusable(path: directory.path, reason: error.reason)
            }
            guard bytes.count == 32, DatabaseID(bytes) == names.database else {
                throw .databaseMismatched(directory: directory.path)
            }
            id = RowID(bytes, at: 16)
            return
        }
        id = .random()
        do throws(SystemCall) {
            let draft = Self.fileName + ".new"
            let file = try File(draft, in: directory.folder, flags: O_RDWR | O_CREAT | O_TRUNC)
            try file.write(database.bytes + id.bytes, at: 0)
            try file.sync()
            try directory.folder.rename(draft, to: Self.fileName)
            try directory.folder.sync()
        } catch {
            throw .directoryUnusable(path: directory.path, reason: error.reason)
        }
    }

    /// Where the host's audit log stood with its last commit; nil where there was none.
    func mark(_ connection: PostgresConnection) throws -> AuditLog.Mark? {
        let rows = try connection.run(
            "SELECT sequence, hash, log_end, code FROM prefd_hosts WHERE host = $1",
            [.bytes(id.bytes)]
        )
        return try rows.rows.first.map { row in
            let mark = AuditLog.Mark(
                head: AuditHead(
                    sequence: UInt64(bitPattern: try row.integer(0)),
                    hash: Hex.encode(try row.bytes(1))
                ),
                end: UInt64(bitPattern: try row.integer(2))
            )
            guard code(mark).equalsInConstantTime(try row.bytes(3)) else {
                throw DatabaseState.Damaged()
            }
            return mark
        }
    }

    func save(_ mark: AuditLog.Mark, _ connection: PostgresConnection) throws {
        try connection.run(
            """
            INSERT INTO prefd_hosts (host, sequence, hash, log_end, code)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (host) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
                log_end = excluded.log_end, code = excluded.code
            """,
            [
                .bytes(id.bytes), .integer(Int64(bitPattern: mark.head.sequence)),
                .bytes(Hex.decode(mark.head.hash) ?? []), .integer(Int64(bitPattern: mark.end)),
                .bytes(code(mark)),
            ]
        )
    }

    private func code(_ mark: AuditLog.Mark) -> [UInt8] {
        var bytes = database.bytes + id.bytes
        bytes.append(mark.head.sequence)
        bytes += Hex.decode(mark.head.hash) ?? []
        bytes.append(mark.end)
        return codes.code(for: bytes)
    }
}
