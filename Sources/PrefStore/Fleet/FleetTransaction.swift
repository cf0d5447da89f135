internal import Postgres

/// One open transaction on the server.
final class FleetTransaction {
    /// An entry does not open under the keys that this host has: another may have changed the master key.
    struct KeysChanged: Error {}

    let connection: PostgresConnection
    let names: StoreNames
    private let header: FleetHeader
    /// Whether what is read of a user is locked until the end.
    private let isWriting: Bool

    init(
        _ connection: PostgresConnection,
        names: StoreNames,
        header: FleetHeader,
        isWriting: Bool
    ) {
        self.connection = connection
        self.names = names
        self.header = header
        self.isWriting = isWriting
    }

    private func bytes(_ handle: Handle) -> PostgresValue { .bytes(handle.bytes) }
}

// MARK: Keys

extension FleetTransaction: BatchKeys {
    func entry(_ tag: IndexTag) throws -> KeyringEntry? {
        let rows = try connection.run(
            "SELECT handle, epoch, sealed FROM prefd_keys WHERE tag = $1\(isWriting ? " FOR UPDATE" : "")",
            [.bytes(tag.bytes)]
        )
        return try rows.rows.first.map { try entry(tag, $0) }
    }

    /// The writer of a user holds their key's row until it has committed, so that what it has read of them
    /// stays true: nobody else writes about them, on any host.
    func isCurrent(_ state: UserState) throws -> Bool {
        guard let entry = try entry(state.tag), entry.handle == state.keys.handle,
            entry.epoch == state.keys.epoch
        else { return false }
        // Read after the lock was had: a statement sees what was committed before it began.
        return try UserLoader(db: self, database: names.database)
            .head(of: entry, keys: state.keys) == state.head
    }

    func reserve(_ entry: KeyringEntry) throws -> KeyringEntry {
        // Nobody changes the master key before this is committed.
        let generation = try connection.run(
            "SELECT generation FROM prefd_store WHERE id = 1 FOR SHARE"
        ).rows.first.map { try $0.integer(0) }
        guard generation == Int64(bitPattern: header.header.generation) else { throw KeysChanged() }
        let rows = try connection.run(
            """
            INSERT INTO prefd_keys (tag, handle, epoch, sealed) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tag) DO UPDATE SET tag = excluded.tag RETURNING handle, epoch, sealed
            """,
            [.bytes(entry.tag.bytes)] + values(entry)
        )
        guard let row = rows.rows.first else { throw PostgresError.badRow }
        return try self.entry(entry.tag, row)
    }

    /// Puts a user's next key in the place of the present one.
    func replace(_ entry: KeyringEntry) throws {
        try connection.run(
            "UPDATE prefd_keys SET handle = $2, epoch = $3, sealed = $4 WHERE tag = $1",
            [.bytes(entry.tag.bytes)] + values(entry)
        )
    }

    private func values(_ entry: KeyringEntry) throws -> [PostgresValue] {
        [
            bytes(entry.handle), .integer(Int64(entry.epoch)),
            .bytes(
                try KeyringSlot(entry, database: names.database, wrappingKey: header.keys.entries)
                    .sealed
            ),
        ]
    }

    private func entry(_ tag: IndexTag, _ row: PostgresRow) throws -> KeyringEntry {
        let handle = try row.bytes(0)
        guard handle.count == Handle.byteCount, let epoch = UInt32(exactly: try row.integer(1))
        else { throw Envelope.Damaged() }
        let slot = KeyringSlot(
            tag: tag,
            handle: Handle(handle),
            epoch: epoch,
            sealed: try row.bytes(2)
        )
        do {
            return try slot.open(database: names.database, wrappingKey: header.keys.entries)
        } catch {
            throw KeysChanged()
        }
    }
}

extension FleetTransaction {
    /// A user, verified; nil where nothing is stored.
    func user(_ tag: IndexTag) throws -> UserState? {
        try entry(tag).flatMap { try UserLoader(db: self, database: names.database).load($0) }
    }
}

// MARK: Records

extension FleetTransaction: SealedRecords {
    func head(of handle: Handle) throws -> SealedHead? {
        try connection.run(
            "SELECT version, epoch, sealed FROM prefd_users WHERE handle = $1",
            [bytes(handle)]
        ).rows.first.map { row in
            SealedHead(
                version: UInt64(bitPattern: try row.integer(0)),
                epoch: try Self.epoch(row, 1),
                sealed: try row.bytes(2)
            )
        }
    }

    func rows(of set: SetName, _ choice: RowChoice, of handle: Handle) throws -> [SealedRow] {
        let hasScope = set.scope != 0
        var sql = """
            SELECT id, version, epoch, sealed\(hasScope ? ", expires" : "")
            FROM \(Self.name(set.table)) WHERE handle = $1\(hasScope ? " AND scope = $2" : "")
            """
        var values = [bytes(handle)]
        if hasScope { values.append(.integer(Int64(set.scope))) }
        switch choice {
        case .all: break
        case .expired(let hour, let limit):
            guard limit > 0 else { return [] }
            values.append(.integer(hour))
            sql += " AND expires <= $\(values.count) LIMIT \(limit)"
        case .named(let row):
            values.append(.bytes(row.bytes))
            sql += " AND id = $\(values.count)"
        }
        return try connection.run(sql, values).rows.map { row in
            let id = try row.bytes(0)
            guard id.count == RowID.byteCount else { throw Envelope.Damaged() }
            return SealedRow(
                place: RecordPlace(
                    set: set,
                    row: RowID(id),
                    version: UInt64(bitPattern: try row.integer(1)),
                    expires: hasScope ? try row.integerIfPresent(4) : nil
                ),
                epoch: try Self.epoch(row, 2),
                sealed: try row.bytes(3)
            )
        }
    }

    func hasRows(_ handle: Handle) throws -> Bool {
        try [Table.preferences, .consents, .signals, .excerpts].contains { table in
            try !connection.run(
                "SELECT id FROM \(Self.name(table)) WHERE handle = $1 LIMIT 1",
                [bytes(handle)]
            ).rows.isEmpty
        }
    }

    func count(_ handle: Handle) throws -> ErasureReceipt.Counts {
        func rows(_ table: Table) throws -> Int {
            try connection.run(
                "SELECT count(*) FROM \(Self.name(table)) WHERE handle = $1",
                [bytes(handle)]
            ).rows.first.map { try Int($0.integer(0)) } ?? 0
        }
        return ErasureReceipt.Counts(
            preferences: try rows(.preferences),
            consents: try rows(.consents),
            signals: try rows(.signals)
        )
    }

    func put(_ head: SealedHead, of handle: Handle) throws {
        try connection.run(
            """
            INSERT INTO prefd_users (handle, version, epoch, sealed) VALUES ($1, $2, $3, $4)
            ON CONFLICT (handle) DO UPDATE SET version = excluded.version, epoch = excluded.epoch,
                sealed = excluded.sealed
            """,
            [
                bytes(handle), .integer(Int64(bitPattern: head.version)),
                .integer(Int64(head.epoch)), .bytes(head.sealed),
            ]
        )
    }

    func put(_ row: SealedRow, of handle: Handle) throws {
        let place = row.place
        let hasScope = place.set.scope != 0
        var values: [PostgresValue] = [
            bytes(handle), .bytes(place.row.bytes), .integer(Int64(bitPattern: place.version)),
            .integer(Int64(row.epoch)), .bytes(row.sealed),
        ]
        if hasScope {
            values.append(.integer(Int64(place.set.scope)))
            values.append(place.expires.map(PostgresValue.integer) ?? .null)
        }
        try connection.run(
            """
            INSERT INTO \(Self.name(place.set.table))
                (handle, id, version, epoch, sealed\(hasScope ? ", scope, expires" : ""))
            VALUES ($1, $2, $3, $4, $5\(hasScope ? ", $6, $7" : ""))
            ON CONFLICT (handle, id) DO UPDATE SET version = excluded.version,
                epoch = excluded.epoch, sealed = excluded.sealed
                \(hasScope ? ", scope = excluded.scope, expires = excluded.expires" : "")
            """,
            values
        )
    }

    func remove(_ place: RecordPlace, of handle: Handle) throws {
        try connection.run(
            "DELETE FROM \(Self.name(place.set.table)) WHERE handle = $1 AND id = $2",
            [bytes(handle), .bytes(place.row.bytes)]
        )
    }

    func removeAll(_ set: SetName, of handle: Handle) throws {
        let hasScope = set.scope != 0
        try connection.run(
            "DELETE FROM \(Self.name(set.table)) WHERE handle = $1\(hasScope ? " AND scope = $2" : "")",
            hasScope ? [bytes(handle), .integer(Int64(set.scope))] : [bytes(handle)]
        )
    }

    func removeAll(of handle: Handle) throws -> Bool {
        var deleted = 0
        for table in [Table.excerpts, .signals, .consents, .preferences, .users] {
            deleted = try connection.run(
                "DELETE FROM \(Self.name(table)) WHERE handle = $1",
                [bytes(handle)]
            ).affected
        }
        try connection.run("DELETE FROM prefd_keys WHERE handle = $1", [bytes(handle)])
        // The last of the tables is the one of the users.
        return deleted > 0
    }

    private static func name(_ table: Table) -> String { "prefd_" + table.name }

    private static func epoch(_ row: PostgresRow, _ column: Int) throws -> UInt32 {
        guard let epoch = UInt32(exactly: try row.integer(column)) else { throw Envelope.Damaged() }
        return epoch
    }
}
