public import PrefModel

/// Everything held on one user.
public struct StoredData: Codable, Sendable, Equatable {
    /// Whose it is, as the principal is spelled; nil where nothing is held.
    public let principal: String?
    /// The preferences that were set.
    public let preferences: [Preference]
    /// The consents, standing and withdrawn.
    public let consents: [ConsentRecord]
    /// The signals, with the excerpts that are still kept.
    public let signals: [Signal]

    /// Someone of whom nothing is held.
    public static let none = StoredData(principal: nil, preferences: [], consents: [], signals: [])
}
