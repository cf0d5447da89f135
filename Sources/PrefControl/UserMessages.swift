public import FoundationEssentials
public import PrefModel

/// What an admin may see of one user in the list.
public struct UserEntry: Codable, Sendable, Hashable {
    /// The keyed pseudonym, as in the journal.
    public let pseudonym: String
    /// How many preferences are kept.
    public let preferences: Int
    /// How many signals are kept.
    public let signals: Int
    /// The scopes that are granted now.
    public let consents: [ConsentScope]
    /// The day of the first write, at 00:00 UTC.
    public let firstSeen: Date
    /// The day of the last write, at 00:00 UTC.
    public let lastWrite: Date

    /// Makes an entry.
    public init(
        pseudonym: String,
        preferences: Int,
        signals: Int,
        consents: [ConsentScope],
        firstSeen: Date,
        lastWrite: Date
    ) {
        self.pseudonym = pseudonym
        self.preferences = preferences
        self.signals = signals
        self.consents = consents
        self.firstSeen = firstSeen
        self.lastWrite = lastWrite
    }

    private enum CodingKeys: String, CodingKey {
        case pseudonym, preferences, signals, consents
        case firstSeen = "first_seen"
        case lastWrite = "last_write"
    }
}

/// Answer of `GET /prefd/v1/admin/users`.
public struct UserList: Codable, Sendable, Hashable {
    /// The users, by pseudonym.
    public let users: [UserEntry]

    /// Makes a list.
    public init(users: [UserEntry]) { self.users = users }
}

/// One consent of a user, as an admin sees it: without the record, which names the user.
public struct UserConsent: Codable, Sendable, Hashable {
    /// What for.
    public let scope: ConsentScope
    /// When it was given.
    public let givenAt: Date
    /// When it was withdrawn, or nil while it stands.
    public let withdrawnAt: Date?

    /// Makes the admin's view of a record.
    public init(_ record: ConsentRecord) {
        scope = record.scope
        givenAt = record.givenAt
        withdrawnAt = record.withdrawnAt
    }

    private enum CodingKeys: String, CodingKey {
        case scope
        case givenAt = "given_at"
        case withdrawnAt = "withdrawn_at"
    }
}

/// Answer of `GET /prefd/v1/admin/users/{pseudonym}`: what is held, without saying who it is.
///
/// Of free text only the length is shown.
public struct UserRecord: Codable, Sendable, Hashable {
    /// The keyed pseudonym, as in the journal.
    public let pseudonym: String
    /// The preferences, explicit and learned; free text as its length in words.
    public let preferences: [PreferenceEntry]
    /// The consents, standing and withdrawn.
    public let consents: [UserConsent]
    /// How many signals are kept, by kind.
    public let signals: [SignalCount]

    /// Makes a record.
    public init(
        pseudonym: String,
        preferences: [PreferenceEntry],
        consents: [UserConsent],
        signals: [SignalCount]
    ) {
        self.pseudonym = pseudonym
        self.preferences = preferences
        self.consents = consents
        self.signals = signals
    }
}
