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
            let signals = try loader.rows(
                of: code.signals,
                .expired(upTo: hour, limit: limit - expired.records),
                keys: user.keys
            )
            let rows = Set(signals.map(\.place.row))
            var excerpts = try loader.rows(
                of: code.excerpts,
                .expired(upTo: hour, limit: limit - expired.records),
                keys: user.keys
            )
            let found = Set(excerpts.map(\.place.row))
            for row in rows.subtracting(found) {
                excerpts += try loader.rows(of: code.excerpts, .named(row), keys: user.keys)
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
