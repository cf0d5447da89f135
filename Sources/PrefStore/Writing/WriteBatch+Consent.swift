internal import FoundationEssentials
internal import PrefModel

extension WriteBatch {
    /// Grants a scope.
    ///
    /// One that stands with the same retention stays as it is; with another, its record ends and a
    /// new one begins, and what is kept already is kept no longer than the new one says.
    func grant(
        _ scope: ConsentScope,
        of principal: Principal,
        method: ConsentMethod,
        retentionSeconds: Int64?
    ) throws -> ConsentRecord {
        var user = try userOrNew(principal)
        if let standing = user.standing(scope) {
            guard standing.value.retentionSeconds != retentionSeconds else { return standing.value }
            _ = try end(standing, of: &user)
        }
        try prepare(user)
        let receipt = try add(
            scope,
            to: &user,
            method: method,
            retentionSeconds: retentionSeconds
        )
        if let retentionSeconds {
            try shorten(scope, to: retentionSeconds, of: &user)
        }
        keep(user)
        return receipt
    }

    /// Withdraws a scope, and deletes what it had gathered; nil where it is not granted.
    func withdraw(_ scope: ConsentScope, tag: IndexTag) throws -> ConsentRecord? {
        guard var user = try user(tag), let standing = user.standing(scope) else { return nil }
        let receipt = try end(standing, of: &user)
        // The earlier ones too: in a backup, one that ended by a change of retention may still stand.
        remember(
            withdrawn: user.consents.filter { $0.value.scope == scope }.map(\.place.row)
        )
        let writer = writer(for: user)
        switch scope {
        case .preferences:
            try writer.removeAll(.preferences, in: &user.head)
            user.preferences = []
        case .signalsExplicit, .signalsImplicit:
            if let code = ScopeCode(scope) {
                try writer.removeAll(code.excerpts, in: &user.head)
                try writer.removeAll(code.signals, in: &user.head)
            }
        case .content:
            for code in ScopeCode.allCases { try writer.removeAll(code.excerpts, in: &user.head) }
        case .experiments: try forgetExperiments(of: &user)
        case .audit, .population, .share:
            // These allow a use of what other scopes gathered; nothing is kept under them alone.
            break
        }
        keep(user, deletesContent: true)
        return receipt
    }

    /// Adds a standing consent record.
    func add(
        _ scope: ConsentScope,
        to user: inout UserState,
        method: ConsentMethod,
        retentionSeconds: Int64?
    ) throws -> ConsentRecord {
        guard user.consents.count < limits.consents else {
            throw StoreError.tooMany(what: "consent records", limit: limits.consents)
        }
        let record = ConsentRecord(
            id: "c-" + Base32.encode(.random(count: 15)),
            principal: user.head.principal,
            scope: scope,
            givenAt: now,
            method: method,
            retentionSeconds: retentionSeconds
        )
        let place = RecordPlace(.consents, row: .random(), version: 1)
        let tag = try writer(for: user).put(record, as: place, in: &user.head)
        enter(record, granted: true, of: user)
        user.consents.append(UserState.Stored(place: place, setTag: tag, value: record))
        return record
    }

    /// Writes into a standing record that it ended now.
    private func end(
        _ standing: UserState.Stored<ConsentRecord>,
        of user: inout UserState
    ) throws -> ConsentRecord {
        var record = standing.value
        record.withdrawnAt = now
        let place = RecordPlace(
            .consents,
            row: standing.place.row,
            version: standing.place.version + 1
        )
        let tag = try writer(for: user)
            .put(record, as: place, replacing: standing.setTag, in: &user.head)
        enter(record, granted: false, of: user)
        user.consents.removeAll { $0.place == standing.place }
        user.consents.append(UserState.Stored(place: place, setTag: tag, value: record))
        return record
    }
}
