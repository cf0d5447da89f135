internal import Crypto
internal import FoundationEssentials
internal import PrefModel

/// The writes that go into one transaction, and the users that they change.
///
/// Lives on the database's writer queue for the time of the transaction.
final class WriteBatch {
    /// No principal's spelling is longer, in bytes.
    static let longestSpelling = 4_096

    let db: any SealedRecords
    let limits: StoreLimits
    /// The time of the batch, to the second, as everything records it.
    let now: Date
    private let keys: any BatchKeys
    private let cache: ProfileCache
    private(set) var users: [IndexTag: UserState] = [:]
    /// What the write that is being done found of the users that it has changed.
    ///
    /// Instead of a copy of them all, of which there would be one for each write.
    private var found: [IndexTag: UserState?] = [:]
    private(set) var created: [KeyringEntry] = []
    /// Whether something was deleted that must not stay in the write-ahead log.
    private(set) var deletesContent = false
    /// Consent records that must not stand again, whatever is restored.
    private(set) var withdrawn: [RowID] = []
    /// What goes into the audit log with the batch.
    private(set) var actions: [AuditAction] = []

    init(
        db: any SealedRecords,
        keys: any BatchKeys,
        cache: ProfileCache,
        limits: StoreLimits,
        now: Date
    ) {
        self.db = db
        self.keys = keys
        self.cache = cache
        self.limits = limits
        self.now = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
    }

    /// The day since 1970.
    var today: UInt64 { Self.day(of: now) }

    static func day(of date: Date) -> UInt64 {
        UInt64(max(0, date.timeIntervalSince1970) / 86_400)
    }

    /// What a failed write leaves of the batch: what was there before it.
    struct Savepoint {
        fileprivate let created: Int
        fileprivate let deletesContent: Bool
        fileprivate let withdrawn: Int
        fileprivate let actions: Int
    }

    /// Begins a write.
    func savepoint() -> Savepoint {
        found.removeAll(keepingCapacity: true)
        return Savepoint(
            created: created.count,
            deletesContent: deletesContent,
            withdrawn: withdrawn.count,
            actions: actions.count
        )
    }

    /// Takes back the write that began last.
    func restore(_ savepoint: Savepoint) {
        for (tag, user) in found { users[tag] = user }
        created.removeLast(created.count - savepoint.created)
        deletesContent = savepoint.deletesContent
        withdrawn.removeLast(withdrawn.count - savepoint.withdrawn)
        actions.removeLast(actions.count - savepoint.actions)
    }

    /// Has the ledger remember that consents were withdrawn, before the batch is committed.
    func remember(withdrawn rows: some Sequence<RowID>) { withdrawn += rows }

    /// The user as the batch's earlier writes left it, or nil where nothing is stored.
    func user(_ tag: IndexTag) throws -> UserState? {
        if let user = users[tag] { return user }
        if let state = cache[tag]?.state, try keys.isCurrent(state) { return state }
        guard let entry = try keys.entry(tag) else { return nil }
        return try load(entry)
    }

    /// The user, or a new one under a random handle and key.
    func userOrNew(_ principal: Principal) throws -> UserState {
        let tag = keys.names.tag(of: principal)
        if let user = try user(tag) { return try check(user, isOf: principal) }
        guard principal.spelling.utf8.count <= Self.longestSpelling else {
            throw StoreError.tooLarge(limitBytes: Self.longestSpelling)
        }
        // An entry without records is left where a crash or a full disk came between the keyring
        // and the database: it is used now.
        let entry: KeyringEntry
        if let reserved = try keys.entry(tag) {
            entry = reserved
        } else {
            let fresh = KeyringEntry(
                tag: tag,
                handle: .random(),
                epoch: 1,
                dataKey: SymmetricKey(size: .bits256),
                createdDay: today,
                counter: 0,
                chain: UserHead.firstLink
            )
            entry = try keys.reserve(fresh)
            // Another host may have been first.
            if entry.handle != fresh.handle, let user = try load(entry) {
                return try check(user, isOf: principal)
            }
            created.append(entry)
        }
        return UserState(
            new: entry,
            keys: UserKeys(entry, database: keys.names.database),
            principal: principal,
            today: today
        )
    }

    private func load(_ entry: KeyringEntry) throws -> UserState? {
        try UserLoader(db: db, database: keys.names.database).load(entry)
    }

    private func check(_ user: UserState, isOf principal: Principal) throws -> UserState {
        guard user.head.principal == principal.spelling else { throw Envelope.Damaged() }
        return user
    }

    func writer(for user: UserState) -> RecordWriter {
        RecordWriter(db: db, keys: user.keys, recordBytes: limits.recordBytes)
    }

    /// Makes sure that a new user's row is there for the others to refer to.
    func prepare(_ user: UserState) throws {
        if user.head.counter == 0, users[user.tag] == nil { try writer(for: user).put(user.head) }
    }

    /// Takes over what a write made of a user.
    func keep(_ user: UserState, deletesContent: Bool = false) {
        var user = user
        user.isDirty = true
        user.sort()
        if !found.keys.contains(user.tag) { found.updateValue(users[user.tag], forKey: user.tag) }
        users[user.tag] = user
        if deletesContent { self.deletesContent = true }
    }

    /// Has something entered into the audit log, in the batch's transaction.
    func enter(_ action: AuditAction) { actions.append(action) }

    /// Has it entered that erasures were finished that had been cut short.
    func enter(leftOver users: Int) {
        if users > 0 { enter(AuditAction(.erasureFinished, ["users": String(users)])) }
    }

    /// Has a change of consent entered into the audit log.
    func enter(_ record: ConsentRecord, granted: Bool, of user: UserState) {
        enter(.consent(record, granted: granted, by: keys.names.pseudonym(of: user.tag)))
    }

    /// Counts, links and writes the heads of the users that changed.
    func writeHeads() throws {
        for (tag, var user) in users where user.isDirty {
            user.head.standing =
                user.consents.filter { $0.value.withdrawnAt == nil }.map(\.value.scope)
            user.head.advance(today: today, keys: user.keys)
            try writer(for: user).put(user.head)
            user.isDirty = false
            users[tag] = user
        }
    }
}
