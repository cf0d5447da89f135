internal import FoundationEssentials
internal import GRDB

/// Writes one user's sealed records, and keeps the head's sums in step.
struct RecordWriter {
    let db: Database
    let keys: UserKeys
    let recordBytes: Int

    /// Writes a record: a new one, or the next version of one that is there.
    func put(
        _ value: some Encodable,
        as place: RecordPlace,
        replacing old: SetDigest? = nil,
        in head: inout UserHead
    ) throws -> SetDigest {
        let text = [UInt8](try JSONEncoder().encode(value))
        guard text.count <= recordBytes else { throw StoreError.tooLarge(limitBytes: recordBytes) }
        let sealed = try keys.seal(text, at: place)
        try write(sealed.bytes, at: place)
        if let old { head.remove(old, from: place.set) }
        head.add(sealed.setTag, to: place.set)
        return sealed.setTag
    }

    /// Deletes a record.
    func remove(_ place: RecordPlace, tag: SetDigest, in head: inout UserHead) throws {
        try db.cachedStatement(
            sql: "DELETE FROM \(place.set.table.name) WHERE handle = ? AND id = ?"
        ).execute(arguments: [handle, Data(place.row.bytes)])
        head.remove(tag, from: place.set)
    }

    /// Deletes every record of a set.
    func removeAll(_ set: SetName, in head: inout UserHead) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM \(set.table.name) WHERE handle = ?"
                + (set.scope == 0 ? "" : " AND scope = ?")
        )
        try statement.execute(
            arguments: set.scope == 0 ? [handle] : [handle, Int64(set.scope)]
        )
        head.clear(set)
    }

    /// Writes the head itself.
    func put(_ head: UserHead) throws {
        let place = RecordPlace(
            SetName(table: .users, scope: 0),
            row: RowID(raw: 0),
            version: head.counter
        )
        let sealed = try keys.seal(head.encode(), at: place).bytes
        try db.cachedStatement(
            sql: """
                INSERT INTO users (handle, version, epoch, sealed) VALUES (?, ?, ?, ?)
                ON CONFLICT (handle) DO UPDATE SET version = excluded.version,
                    epoch = excluded.epoch, sealed = excluded.sealed
                """
        ).execute(arguments: [
            handle, Int64(bitPattern: head.counter), Int64(keys.epoch), Data(sealed),
        ])
    }

    private var handle: Data { Data(keys.handle.bytes) }

    private func write(_ sealed: [UInt8], at place: RecordPlace) throws {
        let hasScope = place.set.scope != 0
        let statement = try db.cachedStatement(
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
            handle, Data(place.row.bytes), Int64(bitPattern: place.version), Int64(keys.epoch),
            Data(sealed),
        ]
        let scoped: StatementArguments = [Int64(place.set.scope), place.expires]
        try statement.execute(arguments: hasScope ? common + scoped : common)
    }
}
