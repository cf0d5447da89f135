internal import Crypto
internal import FoundationEssentials
internal import GRDB

/// The database's one row about itself: which keyring it belongs to, how far that keyring reached,
/// and how many transactions were committed; authenticated by the keyring's audit key.
struct DatabaseState: Equatable, Sendable {
    var database: DatabaseID
    var extent: Keyring.Extent
    var commits: UInt64

    /// The row does not verify.
    struct Damaged: Error {}

    static func codes(_ audit: SymmetricKey) -> Authenticator {
        Authenticator(from: audit, purpose: "prefd/state/v1")
    }

    /// Reads the row; nil in a new database.
    static func fetch(_ db: Database, codes: Authenticator) throws -> DatabaseState? {
        let sql = """
            SELECT database, keyring_generation, keyring_slots, commits, code FROM state
            """
        guard let row = try Row.fetchOne(db, sql: sql) else { return nil }
        let database: Data = row["database"]
        let code: Data = row["code"]
        guard database.count == DatabaseID.byteCount else { throw Damaged() }
        let state = DatabaseState(
            database: DatabaseID([UInt8](database)),
            extent: Keyring.Extent(
                generation: UInt64(bitPattern: row["keyring_generation"]),
                slots: UInt64(bitPattern: row["keyring_slots"])
            ),
            commits: UInt64(bitPattern: row["commits"])
        )
        guard state.code(codes).equalsInConstantTime(code) else { throw Damaged() }
        return state
    }

    func save(_ db: Database, codes: Authenticator) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO state (id, database, keyring_generation, keyring_slots, commits, code)
                VALUES (1, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET database = excluded.database,
                    keyring_generation = excluded.keyring_generation,
                    keyring_slots = excluded.keyring_slots, commits = excluded.commits,
                    code = excluded.code
                """
        ).execute(arguments: [
            Data(database.bytes), Int64(bitPattern: extent.generation),
            Int64(bitPattern: extent.slots), Int64(bitPattern: commits), Data(code(codes)),
        ])
    }

    private func code(_ codes: Authenticator) -> [UInt8] {
        var bytes = database.bytes
        bytes.append(extent.generation)
        bytes.append(extent.slots)
        bytes.append(commits)
        return codes.code(for: bytes)
    }
}
