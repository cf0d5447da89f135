internal import FoundationEssentials
internal import PrefModel

/// What the store knows of one user: the keys, the head, the preferences and consents.
///
/// Signals stay on disk.
struct UserState: Sendable {
    /// A record with the place where it is kept.
    struct Stored<Value: Sendable>: Sendable {
        let place: RecordPlace
        let setTag: SetDigest
        let value: Value
    }

    let tag: IndexTag
    let keys: UserKeys
    var head: UserHead
    /// Sorted by key, so that the order does not change over a restart.
    var preferences: [Stored<Preference>]
    /// In the order in which they were given.
    var consents: [Stored<ConsentRecord>]
    /// Whether the batch that holds this state has something to write.
    var isDirty = false

    /// A new user of whom nothing is stored yet.
    init(new entry: KeyringEntry, keys: UserKeys, principal: Principal, today: UInt64) {
        tag = entry.tag
        self.keys = keys
        head = UserHead(principal: principal.spelling, today: today)
        preferences = []
        consents = []
    }

    init(
        tag: IndexTag,
        keys: UserKeys,
        head: UserHead,
        preferences: [Stored<Preference>],
        consents: [Stored<ConsentRecord>]
    ) {
        self.tag = tag
        self.keys = keys
        self.head = head
        self.preferences = preferences
        self.consents = consents
        sort()
    }

    mutating func sort() {
        preferences.sort { $0.value.key.sortKey < $1.value.key.sortKey }
        consents.sort { ($0.value.givenAt, $0.value.id) < ($1.value.givenAt, $1.value.id) }
    }

    /// The standing consent of a scope.
    func standing(_ scope: ConsentScope) -> Stored<ConsentRecord>? {
        consents.last { $0.value.scope == scope && $0.value.withdrawnAt == nil }
    }

    var profile: Profile {
        Profile(
            preferences: preferences.map(\.value),
            granted: Set(consents.filter { $0.value.withdrawnAt == nil }.map(\.value.scope))
        )
    }
}

extension PreferenceKey {
    fileprivate var sortKey: String {
        [
            dimension.rawValue, context.topic, context.situation?.rawValue, context.app,
            context.task?.rawValue, context.language,
        ].map { $0 ?? "" }.joined(separator: "\u{0}")
    }
}
