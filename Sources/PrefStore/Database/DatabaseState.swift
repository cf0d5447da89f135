internal import Crypto
internal import FoundationEssentials
internal import GRDB

/// The database's one row about itself: which keyring it belongs to, how far that keyring reached,
/// and how many transactions were committed; authenticated by the keyring's audit key.
struct DatabaseState: Equatable, Sendable {
    var database: DatabaseID
    var extent: Keyring.Extent
    var commits: UInt64
    /// How far the audit log reached.
    var audit = AuditLog.Mark.none

    /// The row does not verify.
    struct Damaged: Error {}

    static func codes(_ audit: SymmetricKey) -> Authenticator {
        Authenticator(from: audit, purpose: "prefd/state/v1")
    }

    /// Reads the row; nil in a new database.
    static func fetch(_ db: Database, codes: Authenticator) throws -> DatabaseState? {
        // The first schema has no audit log.
        let hasLog = try Schema.version(of: db) > 1
        let sql = """
            SELECT database, keyring_generation, keyring_slots, commits, code
                \(hasLog ? ", audit_sequence, audit_hash, audit_end" : "") FROM state
            """
        guard let row = try Row.fetchOne(db, sql: sql) else { return nil }
        let database: Data = row["database"]
        let code: Data = row["code"]
        guard database.count == DatabaseID.byteCount else { throw Damaged() }
        var state = DatabaseState(
            database: DatabaseID([UInt8](database)),
            extent: Keyring.Extent(
                generation: UInt64(bitPattern: row["keyring_generation"]),
                slots: UInt64(bitPattern: row["keyring_slots"])
            ),
            commits: UInt64(bitPattern: row["commits"])
        )
        if hasLog { state.audit = Self.mark(row) }
        guard state.code(codes).equalsInConstantTime(code) else { throw Damaged() }
        return state
    }

    private static func mark(_ row: Row) -> AuditLog.Mark {
        let sequence: Int64 = row["audit_sequence"]
        guard sequence != 0 else { return .none }
        let hash: Data = row["audit_hash"]
        return AuditLog.Mark(
            head: AuditHead(
                sequence: UInt64(bitPattern: sequence),
                hash: Hex.encode([UInt8](hash))
            ),
            end: UInt64(bitPattern: row["audit_end"])
        )
    }

    func save(_ db: Database, codes: Authenticator) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO state (id, database, keyring_generation, keyring_slots, commits, code,
                    audit_sequence, audit_hash, audit_end)
                VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET database = excluded.database,
                    keyring_generation = excluded.keyring_generation,
                    keyring_slots = excluded.keyring_slots, commits = excluded.commits,
                    code = excluded.code, audit_sequence = excluded.audit_sequence,
                    audit_hash = excluded.audit_hash, audit_end = excluded.audit_end
                """
        ).execute(arguments: [
            Data(database.bytes), Int64(bitPattern: extent.generation),
            Int64(bitPattern: extent.slots), Int64(bitPattern: commits), Data(code(codes)),
            Int64(bitPattern: audit.head.sequence), Data(Hex.decode(audit.head.hash) ?? []),
            Int64(bitPattern: audit.end),
        ])
    }

    private func code(_ codes: Authenticator) -> [UInt8] {
        var bytes = database.bytes
        bytes.append(extent.generation)
        bytes.append(extent.slots)
        bytes.append(commits)
        // A row of the first schema, which knew no log, keeps its code until the first entry.
        if audit != .none {
            bytes.append(audit.head.sequence)
            bytes += Hex.decode(audit.head.hash) ?? []
            bytes.append(audit.end)
        }
        return codes.code(for: bytes)
    }
}
