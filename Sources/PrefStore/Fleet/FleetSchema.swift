internal import Postgres

/// The tables of a store on a server, as every PostgreSQL and what speaks its language knows them.
///
/// Everything personal is in `sealed`. What stays visible: blind indexes (`tag`: a keyed hash of who it
/// is), random handles, how many rows a handle has, their size classes, the two signal scopes, and an
/// expiry to the hour where one was agreed.
enum FleetSchema {
    /// The newest version, the number of migrations.
    static var version: Int { migrations.count }
    private static let attempts = 10

    /// What takes the tables from each version to the next.
    ///
    /// Released ones never change.
    static let migrations: [[String]] = [
        [
            """
            CREATE TABLE prefd_store (id BIGINT PRIMARY KEY, generation BIGINT NOT NULL,
                header BYTEA NOT NULL)
            """,
            """
            CREATE TABLE prefd_keys (tag BYTEA PRIMARY KEY, handle BYTEA NOT NULL,
                epoch BIGINT NOT NULL, sealed BYTEA NOT NULL)
            """,
            "CREATE INDEX prefd_keys_handle ON prefd_keys (handle)",
            """
            CREATE TABLE prefd_users (handle BYTEA PRIMARY KEY, version BIGINT NOT NULL,
                epoch BIGINT NOT NULL, sealed BYTEA NOT NULL)
            """,
            """
            CREATE TABLE prefd_preferences (handle BYTEA NOT NULL, id BYTEA NOT NULL,
                version BIGINT NOT NULL, epoch BIGINT NOT NULL, sealed BYTEA NOT NULL,
                PRIMARY KEY (handle, id))
            """,
            """
            CREATE TABLE prefd_consents (handle BYTEA NOT NULL, id BYTEA NOT NULL,
                version BIGINT NOT NULL, epoch BIGINT NOT NULL, sealed BYTEA NOT NULL,
                PRIMARY KEY (handle, id))
            """,
            """
            CREATE TABLE prefd_signals (handle BYTEA NOT NULL, id BYTEA NOT NULL,
                version BIGINT NOT NULL, epoch BIGINT NOT NULL, sealed BYTEA NOT NULL,
                scope BIGINT NOT NULL, expires BIGINT, PRIMARY KEY (handle, id))
            """,
            "CREATE INDEX prefd_signals_expires ON prefd_signals (expires)",
            """
            CREATE TABLE prefd_excerpts (handle BYTEA NOT NULL, id BYTEA NOT NULL,
                version BIGINT NOT NULL, epoch BIGINT NOT NULL, sealed BYTEA NOT NULL,
                scope BIGINT NOT NULL, expires BIGINT, PRIMARY KEY (handle, id))
            """,
            "CREATE INDEX prefd_excerpts_expires ON prefd_excerpts (expires)",
            // What must not come back from a backup: see `ErasureRecord`.
            "CREATE TABLE prefd_erasures (record BYTEA PRIMARY KEY)",
            // Where each host's audit log stands.
            """
            CREATE TABLE prefd_hosts (host BYTEA PRIMARY KEY, sequence BIGINT NOT NULL,
                hash BYTEA NOT NULL, log_end BIGINT NOT NULL, code BYTEA NOT NULL)
            """,
            // Which transactions were committed, so that one whose answer was lost is not done twice.
            """
            CREATE TABLE prefd_writes (token BYTEA PRIMARY KEY, attempts BIGINT NOT NULL,
                hour BIGINT NOT NULL)
            """,
            "CREATE TABLE prefd_population (id BIGINT PRIMARY KEY, sealed BYTEA NOT NULL)",
        ]
    ]

    /// Brings the tables to the newest version, all steps in one transaction.
    ///
    /// - Throws: ``StoreError/schemaNewer(version:supported:)``, or a ``PostgresError``.
    static func migrate(_ connection: PostgresConnection) throws {
        var failures = 0
        while true {
            do {
                // Of hosts that start at once, one makes this table; the others find it made.
                try connection.run(
                    "CREATE TABLE IF NOT EXISTS prefd_schema (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)"
                )
                try connection.run("BEGIN")
                do {
                    try step(connection)
                    try connection.run("COMMIT")
                    return
                } catch {
                    // What ended the connection has ended the transaction.
                    do { try connection.run("ROLLBACK") } catch {}
                    throw error
                }
            } catch let error as PostgresError where error.isPassing && failures < attempts {
                failures += 1
            }
        }
    }

    private static func step(_ connection: PostgresConnection) throws {
        try connection.run(
            "INSERT INTO prefd_schema (id, version) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET id = 1"
        )
        let present = try connection.run(
            "SELECT version FROM prefd_schema WHERE id = 1 FOR UPDATE"
        ).rows.first.map { try Int($0.integer(0)) }
        guard let present, present <= version else {
            throw StoreError.schemaNewer(version: present ?? 0, supported: version)
        }
        for statement in migrations[present...].joined() { try connection.run(statement) }
        try connection.run(
            "UPDATE prefd_schema SET version = $1 WHERE id = 1",
            [.integer(Int64(version))]
        )
    }
}
