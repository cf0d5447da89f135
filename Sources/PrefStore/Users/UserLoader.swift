internal import FoundationEssentials
internal import GRDB
internal import PrefModel

/// Reads one user from the database, and verifies that nothing is missing, added or older.
struct UserLoader {
    /// A record's columns as they are on disk.
    struct SealedRow {
        let place: RecordPlace
        let sealed: [UInt8]
    }

    let db: Database
    let database: DatabaseID

    /// The user of a keyring entry; nil where the entry is there but nothing was ever acknowledged
    /// under it.
    ///
    /// - Throws: `Envelope.Damaged` where the records do not add up, or a `DatabaseError`.
    func load(_ entry: KeyringEntry) throws -> UserState? {
        let keys = UserKeys(entry, database: database)
        guard let head = try head(of: entry, keys: keys) else { return nil }
        let preferences: [UserState.Stored<Preference>] = try records(
            of: .preferences,
            keys: keys,
            sum: head.sum(of: .preferences)
        )
        let consents: [UserState.Stored<ConsentRecord>] = try records(
            of: .consents,
            keys: keys,
            sum: head.sum(of: .consents)
        )
        return UserState(
            tag: entry.tag,
            keys: keys,
            head: head,
            preferences: preferences,
            consents: consents
        )
    }

    /// The user's head record, checked against the keyring's.
    func head(of entry: KeyringEntry, keys: UserKeys) throws -> UserHead? {
        let row = try Row.fetchOne(
            try db.cachedStatement(
                sql: "SELECT version, epoch, sealed FROM users WHERE handle = ?"
            ),
            arguments: [Data(entry.handle.bytes)]
        )
        guard let row else {
            guard entry.counter == 0, try !hasRows(entry.handle) else { throw Envelope.Damaged() }
            return nil
        }
        let version = UInt64(bitPattern: row["version"])
        let epoch: Int64 = row["epoch"]
        let sealed: Data = row["sealed"]
        guard epoch == Int64(entry.epoch) else { throw Envelope.Damaged() }
        let place = RecordPlace(
            SetName(table: .users, scope: 0),
            row: RowID(raw: 0),
            version: version
        )
        let head = try UserHead(decoding: keys.open([UInt8](sealed), at: place).text)
        guard head.counter == version, version >= entry.counter,
            version != entry.counter || head.chain == entry.chain
        else { throw Envelope.Damaged() }
        return head
    }

    /// Every record of one set, in the order of their random ids.
    func rows(of set: SetName, keys: UserKeys) throws -> [SealedRow] {
        let hasScope = set.scope != 0
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, version, epoch, sealed\(hasScope ? ", expires" : "")
                FROM \(set.table.name) WHERE handle = ?\(hasScope ? " AND scope = ?" : "")
                """
        )
        let handle = Data(keys.handle.bytes)
        let arguments: StatementArguments = hasScope ? [handle, Int64(set.scope)] : [handle]
        var rows: [SealedRow] = []
        let cursor = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try cursor.next() {
            let id: Data = row["id"]
            let epoch: Int64 = row["epoch"]
            let sealed: Data = row["sealed"]
            guard id.count == RowID.byteCount, epoch == Int64(keys.epoch) else {
                throw Envelope.Damaged()
            }
            let expires: Int64? = hasScope ? row["expires"] : nil
            let place = RecordPlace(
                set: set,
                row: RowID([UInt8](id)),
                version: UInt64(bitPattern: row["version"]),
                expires: expires
            )
            rows.append(SealedRow(place: place, sealed: [UInt8](sealed)))
        }
        return rows
    }

    /// Opens every record of one set and checks that they add up.
    func records<Value: Decodable & Sendable>(
        of set: SetName,
        keys: UserKeys,
        sum: UserHead.Sum
    ) throws -> [UserState.Stored<Value>] {
        var found = UserHead.Sum.empty
        let records = try rows(of: set, keys: keys).map { row in
            let opened = try keys.open(row.sealed, at: row.place)
            found.count += 1
            found.digest.toggle(opened.setTag)
            return UserState.Stored(
                place: row.place,
                setTag: opened.setTag,
                value: try JSONDecoder().decode(Value.self, from: Data(opened.text))
            )
        }
        guard found == sum else { throw Envelope.Damaged() }
        return records
    }

    private func hasRows(_ handle: Handle) throws -> Bool {
        try [Table.preferences, .consents, .signals, .excerpts].contains { table in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM \(table.name) WHERE handle = ?)"
                ),
                arguments: [Data(handle.bytes)]
            ) ?? false
        }
    }
}
