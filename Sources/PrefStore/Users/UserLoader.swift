internal import FoundationEssentials
internal import PrefModel

/// Reads one user from the database, and verifies that nothing is missing, added or older.
struct UserLoader {
    let db: any SealedRecords
    let database: DatabaseID

    /// The user of a keyring entry; nil where the entry is there but nothing was ever acknowledged
    /// under it.
    ///
    /// - Throws: `Envelope.Damaged` where the records do not add up, or an error of the database.
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
        guard let stored = try db.head(of: entry.handle) else {
            guard entry.counter == 0, try !db.hasRows(entry.handle) else {
                throw Envelope.Damaged()
            }
            return nil
        }
        let version = stored.version
        guard stored.epoch == entry.epoch else { throw Envelope.Damaged() }
        let place = RecordPlace(
            SetName(table: .users, scope: 0),
            row: RowID(raw: 0),
            version: version
        )
        let head = try UserHead(decoding: keys.open(stored.sealed, at: place).text)
        guard head.counter == version, version >= entry.counter,
            version != entry.counter || head.chain == entry.chain
        else { throw Envelope.Damaged() }
        return head
    }

    /// Records of one set, all of the user's present key.
    func rows(
        of set: SetName,
        _ choice: RowChoice = .all,
        keys: UserKeys
    ) throws -> [SealedRow] {
        let rows = try db.rows(of: set, choice, of: keys.handle)
        guard rows.allSatisfy({ $0.epoch == keys.epoch }) else { throw Envelope.Damaged() }
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
}
