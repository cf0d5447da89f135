internal import GRDB

/// The database's tables, and how each version came from the one before.
///
/// Everything personal is in `sealed`. What stays visible: the tables, how many rows a handle has,
/// their size classes, the two signal scopes, and an expiry to the hour where one was agreed.
enum Schema {
    /// `PRAGMA application_id`: "PRFD".
    static let applicationID = 0x5052_4644
    /// The newest version, the number of migrations.
    static var version: Int { migrations.count }

    /// What takes the database from each version to the next.
    ///
    /// Released ones never change.
    static let migrations: [String] = [
        """
        CREATE TABLE state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            database BLOB NOT NULL,
            keyring_generation INTEGER NOT NULL,
            keyring_slots INTEGER NOT NULL,
            commits INTEGER NOT NULL,
            code BLOB NOT NULL
        ) STRICT;
        CREATE TABLE users (
            handle BLOB PRIMARY KEY,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE preferences (
            handle BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
            id BLOB NOT NULL,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (handle, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE consents (
            handle BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
            id BLOB NOT NULL,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (handle, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE signals (
            handle BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
            id BLOB NOT NULL,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            scope INTEGER NOT NULL,
            expires INTEGER,
            sealed BLOB NOT NULL,
            PRIMARY KEY (handle, id)
        ) STRICT;
        CREATE INDEX signals_expires ON signals (expires) WHERE expires IS NOT NULL;
        CREATE TABLE excerpts (
            handle BLOB NOT NULL,
            id BLOB NOT NULL,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            scope INTEGER NOT NULL,
            expires INTEGER,
            sealed BLOB NOT NULL,
            PRIMARY KEY (handle, id),
            FOREIGN KEY (handle, id) REFERENCES signals ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX excerpts_expires ON excerpts (expires) WHERE expires IS NOT NULL;
        """,
        // Where the audit log stands.
        """
        ALTER TABLE state ADD COLUMN audit_sequence INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE state ADD COLUMN audit_hash BLOB NOT NULL DEFAULT x'';
        ALTER TABLE state ADD COLUMN audit_end INTEGER NOT NULL DEFAULT 0;
        """,
    ]

    /// The version that a database has; 0 where it is new.
    static func version(of db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }

    /// Brings the database to the newest version, all steps in one transaction: whatever happens, it has
    /// the version that it had or the newest.
    static func migrate(_ db: Database, through migrations: [String] = migrations) throws {
        let present = try version(of: db)
        guard present < migrations.count else { return }
        try db.inTransaction(.immediate) {
            for migration in migrations[present...] { try db.execute(sql: migration) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
            return .commit
        }
    }
}
