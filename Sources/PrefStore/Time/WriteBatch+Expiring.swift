internal import FoundationEssentials
internal import GRDB
internal import PrefModel

extension WriteBatch {
    /// Deletes signals and excerpts of one user whose hour has come, at most so many; says how many.
    ///
    /// By the hour beside the sealed record: that is the moment itself, rounded up.
    func removeExpired(_ tag: IndexTag, upTo hour: Int64, limit: Int) throws -> Expired {
        guard var user = try user(tag) else { return .none }
        var expired = Expired(principal: user.head.principal, records: 0)
        let loader = UserLoader(db: db, database: user.keys.database)
        let writer = writer(for: user)
        for code in ScopeCode.allCases {
            // A signal takes its excerpts along; they go first, so that their sum is right.
            let signals = try loader.expiredRows(
                of: code.signals,
                keys: user.keys,
                upTo: hour,
                limit: limit - expired.records
            )
            let rows = Set(signals.map(\.place.row))
            var excerpts = try loader.expiredRows(
                of: code.excerpts,
                keys: user.keys,
                upTo: hour,
                limit: limit - expired.records
            )
            let found = Set(excerpts.map(\.place.row))
            for row in rows.subtracting(found) {
                excerpts += try loader.rows(of: code.excerpts, named: row, keys: user.keys)
            }
            for sealed in excerpts + signals {
                try writer.remove(
                    sealed.place,
                    tag: user.keys.setTag(of: sealed.sealed, at: sealed.place),
                    in: &user.head
                )
            }
            expired.records += excerpts.count + signals.count
            if expired.records >= limit { break }
        }
        guard expired.records > 0 else { return .none }
        // The log is emptied once at the end of the sweep, not after each of its writes.
        keep(user)
        return expired
    }

    /// What was deleted of one user.
    struct Expired: Sendable {
        static let none = Expired(principal: "", records: 0)

        let principal: String
        var records: Int
    }
}

extension UserLoader {
    /// Records of one set whose hour has come, at most so many.
    func expiredRows(
        of set: SetName,
        keys: UserKeys,
        upTo hour: Int64,
        limit: Int
    ) throws -> [SealedRow] {
        guard limit > 0 else { return [] }
        return try scopedRows(
            of: set,
            keys: keys,
            where: "expires <= ? LIMIT \(limit)",
            argument: hour
        )
    }

    /// The record of one name, where it is there.
    func rows(of set: SetName, named row: RowID, keys: UserKeys) throws -> [SealedRow] {
        try scopedRows(of: set, keys: keys, where: "id = ?", argument: Data(row.bytes))
    }

    private func scopedRows(
        of set: SetName,
        keys: UserKeys,
        where condition: String,
        argument: any DatabaseValueConvertible
    ) throws -> [SealedRow] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, version, epoch, sealed, expires FROM \(set.table.name)
                WHERE handle = ? AND scope = ? AND \(condition)
                """
        )
        let rows = try Row.fetchAll(
            statement,
            arguments: [Data(keys.handle.bytes), Int64(set.scope), argument]
        )
        return try rows.map { row in
            let (id, sealed): (Data, Data) = (row["id"], row["sealed"])
            let (version, epoch): (Int64, Int64) = (row["version"], row["epoch"])
            guard id.count == RowID.byteCount, epoch == Int64(keys.epoch) else {
                throw Envelope.Damaged()
            }
            return SealedRow(
                place: RecordPlace(
                    set: set,
                    row: RowID([UInt8](id)),
                    version: UInt64(bitPattern: version),
                    expires: row["expires"]
                ),
                sealed: [UInt8](sealed)
            )
        }
    }
}
