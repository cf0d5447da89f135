public import FoundationEssentials
public import PrefModel

/// What an admin may see of one user.
public struct UserSummary: Codable, Sendable, Hashable {
    /// The keyed pseudonym, as in the journal.
    public let pseudonym: String
    /// How many preferences are kept.
    public let preferences: Int
    /// How many signals are kept.
    public let signals: Int
    /// The scopes that are granted now.
    public let standingConsents: [ConsentScope]
    /// The day of the first write, at 00:00 UTC.
    public let firstSeen: Date
    /// The day of the last write, at 00:00 UTC.
    public let lastWrite: Date

    private enum CodingKeys: String, CodingKey {
        case pseudonym, preferences, signals
        case standingConsents = "standing_consents"
        case firstSeen = "first_seen"
        case lastWrite = "last_write"
    }
}
