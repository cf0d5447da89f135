/// Seals every record of one user anew, under another data key, in the transaction that is open.
///
/// Each stays where it is, with its version and expiry; that they add up is checked on the way.
struct Resealing {
    private let db: any SealedRecords
    private let old: UserKeys
    private let new: UserKeys

    init(
        db: any SealedRecords,
        from old: KeyringEntry,
        to new: KeyringEntry,
        database: DatabaseID
    ) {
        self.db = db
        self.old = UserKeys(old, database: database)
        self.new = UserKeys(new, database: database)
    }

    /// - Throws: `Envelope.Damaged` where the records do not add up, or an error of the database.
    func run(_ head: UserHead, today: UInt64) throws {
        var head = head
        let sets =
            [SetName.preferences, .consents]
            + ScopeCode.allCases.flatMap { [$0.signals, $0.excerpts] }
        for set in sets { head.sums[set] = try reseal(set, expecting: head.sum(of: set)) }
        head.advance(today: today, keys: new)
        try RecordWriter(db: db, keys: new, recordBytes: .max).put(head)
    }

    private func reseal(_ set: SetName, expecting sum: UserHead.Sum) throws -> UserHead.Sum? {
        var found = UserHead.Sum.empty
        var made = UserHead.Sum.empty
        let loader = UserLoader(db: db, database: old.database)
        for row in try loader.rows(of: set, keys: old) {
            let opened = try old.open(row.sealed, at: row.place)
            found.count += 1
            found.digest.toggle(opened.setTag)
            let sealed = try new.seal(opened.text, at: row.place)
            made.count += 1
            made.digest.toggle(sealed.setTag)
            try db.put(
                SealedRow(place: row.place, epoch: new.epoch, sealed: sealed.bytes),
                of: new.handle
            )
        }
        guard found == sum else { throw Envelope.Damaged() }
        return made == .empty ? nil : made
    }
}
