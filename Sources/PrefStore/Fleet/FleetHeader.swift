internal import Postgres

/// The store's own keys as the server has them, wrapped under the master key that every host has.
struct FleetHeader: Sendable {
    /// What errors call the place where the store is.
    static let place = "the PostgreSQL database"

    let header: KeyringHeader
    let keys: KeyringHeader.WrappingKeys

    init(_ header: KeyringHeader, _ master: MasterKey) {
        self.header = header
        keys = KeyringHeader.WrappingKeys(master: master, salt: header.salt)
    }

    /// Reads the header under a key; makes one where the tables are empty.
    ///
    /// - Throws: ``StoreError``: another key's, damaged; or a ``PostgresError``.
    static func open(
        on connection: PostgresConnection,
        master: MasterKey,
        today: UInt64
    ) throws -> FleetHeader {
        if let found = try read(connection, master: master) { return found }
        guard try connection.run("SELECT tag FROM prefd_keys LIMIT 1").rows.isEmpty else {
            throw StoreError.keyringMissing(directory: place)
        }
        let fresh = FleetHeader(KeyringHeader(createdDay: today), master)
        // Of hosts that start at once, one is first; all read what that one wrote.
        try connection.run(
            """
            INSERT INTO prefd_store (id, generation, header) VALUES (1, $1, $2)
            ON CONFLICT (id) DO UPDATE SET id = 1
            """,
            try fresh.values()
        )
        guard let found = try read(connection, master: master) else { throw PostgresError.badRow }
        return found
    }

    /// Reads the header; nil where there is none.
    static func read(
        _ connection: PostgresConnection,
        master: MasterKey,
        locking: Bool = false
    ) throws -> FleetHeader? {
        let rows = try connection.run(
            "SELECT header FROM prefd_store WHERE id = 1\(locking ? " FOR UPDATE" : "")"
        )
        return try rows.rows.first.map { row in
            FleetHeader(
                try KeyringHeader(reading: row.bytes(0), master: master, directory: place),
                master
            )
        }
    }

    /// Wraps every user's key under another master key, in one transaction.
    ///
    /// Nobody makes or changes a key meanwhile.
    static func takeOver(
        on connection: PostgresConnection,
        from previous: MasterKey,
        to present: MasterKey,
        today: UInt64
    ) throws {
        try connection.run("BEGIN")
        do {
            guard let old = try read(connection, master: previous, locking: true) else {
                throw PostgresError.badRow
            }
            var header = old.header
            header.rotate(today: today)
            header.generation += 1
            let new = FleetHeader(header, present)
            try rewrap(on: connection, from: old, to: new)
            try connection.run(
                "UPDATE prefd_store SET generation = $1, header = $2 WHERE id = 1",
                try new.values()
            )
            try connection.run("COMMIT")
        } catch {
            // What ended the connection has ended the transaction.
            do { try connection.run("ROLLBACK") } catch {}
            throw error
        }
    }

    private static func rewrap(
        on connection: PostgresConnection,
        from old: FleetHeader,
        to new: FleetHeader
    ) throws {
        let names = StoreNames(old.header)
        var last: [UInt8] = []
        while true {
            let rows = try connection.run(
                "SELECT tag FROM prefd_keys WHERE tag > $1 ORDER BY tag LIMIT 1000",
                [.bytes(last)]
            ).rows
            guard let end = rows.last else { return }
            last = try end.bytes(0)
            let reader = FleetTransaction(
                connection,
                names: names,
                header: old,
                isWriting: true
            )
            let writer = FleetTransaction(
                connection,
                names: names,
                header: new,
                isWriting: true
            )
            for row in rows {
                guard let entry = try reader.entry(IndexTag(row.bytes(0))) else { continue }
                try writer.replace(entry)
            }
        }
    }

    private func values() throws -> [PostgresValue] {
        [.integer(Int64(bitPattern: header.generation)), .bytes(try header.encode(with: keys))]
    }
}
