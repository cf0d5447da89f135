internal import FoundationEssentials
internal import GRDB

extension Database: SealedRecords {
    func head(of handle: Handle) throws -> SealedHead? {
        let row = try Row.fetchOne(
            try cachedStatement(sql: "SELECT version, epoch, sealed FROM users WHERE handle = ?"),
            arguments: [Data(handle.bytes)]
        )
        guard let row else { return nil }
        let sealed: Data = row["sealed"]
        return SealedHead(
            version: UInt64(bitPattern: row["version"]),
            epoch: try Self.epoch(row),
            sealed: [UInt8](sealed)
        )
    }

    func rows(of set: SetName, _ choice: RowChoice, of handle: Handle) throws -> [SealedRow] {
        let hasScope = set.scope != 0
        var sql = """
            SELECT id, version, epoch, sealed\(hasScope ? ", expires" : "")
            FROM \(set.table.name) WHERE handle = ?\(hasScope ? " AND scope = ?" : "")
            """
        let handle = Data(handle.bytes)
        var arguments: StatementArguments = hasScope ? [handle, Int64(set.scope)] : [handle]
        switch choice {
        case .all: break
        case .expired(let hour, let limit):
            sql += " AND expires <= ? LIMIT \(limit)"
            arguments += [hour]
        case .named(let row):
            sql += " AND id = ?"
            arguments += [Data(row.bytes)]
        }
        var rows: [SealedRow] = []
        let cursor = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: arguments)
        while let row = try cursor.next() {
            let (id, sealed): (Data, Data) = (row["id"], row["sealed"])
            guard id.count == RowID.byteCount else { throw Envelope.Damaged() }
            let expires: Int64? = hasScope ? row["expires"] : nil
            let place = RecordPlace(
                set: set,
                row: RowID([UInt8](id)),
                version: UInt64(bitPattern: row["version"]),
                expires: expires
            )
            rows.append(
                SealedRow(place: place, epoch: try Self.epoch(row), sealed: [UInt8](sealed))
            )
        }
        return rows
    }

    func hasRows(_ handle: Handle) throws -> Bool {
        try [Table.preferences, .consents, .signals, .excerpts].contains { table in
            try Bool.fetchOne(
                cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM \(table.name) WHERE handle = ?)"
                ),
                arguments: [Data(handle.bytes)]
            ) ?? false
        }
    }

    func count(_ handle: Handle) throws -> ErasureReceipt.Counts {
        func rows(_ table: Table) throws -> Int {
            try Int.fetchOne(
                cachedStatement(sql: "SELECT count(*) FROM \(table.name) WHERE handle = ?"),
                arguments: [Data(handle.bytes)]
            ) ?? 0
        }
        return ErasureReceipt.Counts(
            preferences: try rows(.preferences),
            consents: try rows(.consents),
            signals: try rows(.signals)
        )
    }

    func put(_ head: SealedHead, of handle: Handle) throws {
        try cachedStatement(
            sql: """
                INSERT INTO users (handle, version, epoch, sealed) VALUES (?, ?, ?, ?)
                ON CONFLICT (handle) DO UPDATE SET version = excluded.version,
                    epoch = excluded.epoch, sealed = excluded.sealed
                """
        ).execute(arguments: [
            Data(handle.bytes), Int64(bitPattern: head.version), Int64(head.epoch),
            Data(head.sealed),
        ])
    }

    func put(_ row: SealedRow, of handle: Handle) throws {
        let place = row.place
        let hasScope = place.set.scope != 0
        let statement = try cachedStatement(
            sql: """
                INSERT INTO \(place.set.table.name)
                    (handle, id, version, epoch, sealed\(hasScope ? ", scope, expires" : ""))
                VALUES (?, ?, ?, ?, ?\(hasScope ? ", ?, ?" : ""))
                ON CONFLICT (handle, id) DO UPDATE SET version = excluded.version,
                    epoch = excluded.epoch, sealed = excluded.sealed
                    \(hasScope ? ", scope = excluded.scope, expires = excluded.expires" : "")
                """
        )
        let common: StatementArguments = [
            Data(handle.bytes), Data(place.row.bytes), Int64(bitPattern: place.version),
            Int64(row.epoch), Data(row.sealed),
        ]
        let scoped: StatementArguments = [Int64(place.set.scope), place.expires]
        try statement.execute(arguments: hasScope ? common + scoped : common)
    }

    func remove(_ place: RecordPlace, of handle: Handle) throws {
        try cachedStatement(
            sql: "DELETE FROM \(place.set.table.name) WHERE handle = ? AND id = ?"
        ).execute(arguments: [Data(handle.bytes), Data(place.row.bytes)])
    }

    func removeAll(_ set: SetName, of handle: Handle) throws {
        let statement = try cachedStatement(
            sql: "DELETE FROM \(set.table.name) WHERE handle = ?"
                + (set.scope == 0 ? "" : " AND scope = ?")
        )
        let handle = Data(handle.bytes)
        try statement.execute(
            arguments: set.scope == 0 ? [handle] : [handle, Int64(set.scope)]
        )
    }

    func removeAll(of handle: Handle) throws -> Bool {
        for table in [Table.excerpts, .signals, .consents, .preferences, .users] {
            try cachedStatement(sql: "DELETE FROM \(table.name) WHERE handle = ?")
                .execute(arguments: [Data(handle.bytes)])
        }
        // The last of the tables is the one of the users.
        return changesCount > 0
    }

    private static func epoch(_ row: Row) throws -> UInt32 {
        let epoch: Int64 = row["epoch"]
        guard let epoch = UInt32(exactly: epoch) else { throw Envelope.Damaged() }
        return epoch
    }
}
