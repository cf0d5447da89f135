internal import FoundationEssentials
internal import PrefModel

extension WriteBatch {
    /// Keeps a signal under its scope, and its excerpts only under `content`.
    func record(_ signal: Signal, tag: IndexTag) throws {
        let scope = signal.kind.scope
        guard var user = try user(tag), let consent = user.standing(scope)?.value else {
            throw StoreError.consentRequired(scope)
        }
        let kept = ScopeCode.allCases.reduce(0) { $0 + user.head.sum(of: $1.signals).count }
        guard kept < limits.signals else {
            throw StoreError.tooMany(what: "signals", limit: limits.signals)
        }
        let code = ScopeCode(signal.kind)
        let row = RowID.random()
        let expiry = Expiry.date(from: now, retentionSeconds: consent.retentionSeconds)
        var bare = signal
        bare.excerpts = [:]
        if user.standing(.experiments) == nil { bare.experiments = nil }
        let writer = writer(for: user)
        _ = try writer.put(
            StoredSignal(signal: bare, expiresAt: expiry),
            as: RecordPlace(set: code.signals, row: row, version: 1, expires: Expiry.hour(expiry)),
            in: &user.head
        )
        if let content = user.standing(.content)?.value, !signal.excerpts.isEmpty {
            let excerptExpiry = Expiry.earlier(
                expiry,
                Expiry.date(from: now, retentionSeconds: content.retentionSeconds)
            )
            _ = try writer.put(
                StoredExcerpts(excerpts: signal.excerpts, expiresAt: excerptExpiry),
                as: RecordPlace(
                    set: code.excerpts,
                    row: row,
                    version: 1,
                    expires: Expiry.hour(excerptExpiry)
                ),
                in: &user.head
            )
        }
        keep(user)
    }

    /// Brings the expiry of what a scope gathered before forward to a retention that is now shorter.
    func shorten(
        _ scope: ConsentScope,
        to retentionSeconds: Int64,
        of user: inout UserState
    ) throws {
        let codes: [ScopeCode] =
            scope == .content ? ScopeCode.allCases : ScopeCode(scope).map { [$0] } ?? []
        let writer = writer(for: user)
        for code in codes {
            let shelf = try SignalShelf(db: db, user: user, code: code)
            for (stored, excerpts) in shelf.signals {
                let limit = Expiry.date(
                    from: stored.value.signal.at,
                    retentionSeconds: retentionSeconds
                )
                if scope != .content {
                    let value = StoredSignal(
                        signal: stored.value.signal,
                        expiresAt: Expiry.earlier(stored.value.expiresAt, limit)
                    )
                    try replace(
                        stored,
                        with: value,
                        expiring: value.expiresAt,
                        by: writer,
                        unless: value.expiresAt == stored.value.expiresAt,
                        in: &user.head
                    )
                }
                if let excerpts {
                    let value = StoredExcerpts(
                        excerpts: excerpts.value.excerpts,
                        expiresAt: Expiry.earlier(excerpts.value.expiresAt, limit)
                    )
                    try replace(
                        excerpts,
                        with: value,
                        expiring: value.expiresAt,
                        by: writer,
                        unless: value.expiresAt == excerpts.value.expiresAt,
                        in: &user.head
                    )
                }
            }
        }
    }

    /// Takes out of signals which experiment their requests were part of.
    func forgetExperiments(of user: inout UserState) throws {
        let writer = writer(for: user)
        for code in ScopeCode.allCases {
            for (stored, _) in try SignalShelf(db: db, user: user, code: code).signals {
                var signal = stored.value.signal
                guard signal.experiments != nil else { continue }
                signal.experiments = nil
                try replace(
                    stored,
                    with: StoredSignal(signal: signal, expiresAt: stored.value.expiresAt),
                    expiring: stored.value.expiresAt,
                    by: writer,
                    unless: false,
                    in: &user.head
                )
            }
        }
    }

    private func replace<Value: Encodable & Sendable>(
        _ stored: UserState.Stored<Value>,
        with value: Value,
        expiring expiry: Date?,
        by writer: RecordWriter,
        unless isSame: Bool,
        in head: inout UserHead
    ) throws {
        guard !isSame else { return }
        let place = RecordPlace(
            set: stored.place.set,
            row: stored.place.row,
            version: stored.place.version + 1,
            expires: Expiry.hour(expiry)
        )
        _ = try writer.put(value, as: place, replacing: stored.setTag, in: &head)
    }
}
