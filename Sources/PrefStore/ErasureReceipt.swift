public import FoundationEssentials

/// Says that everything held on one user was erased, without saying who it was.
public struct ErasureReceipt: Codable, Sendable, Hashable {
    /// How many records were erased, by what they were.
    public struct Counts: Codable, Sendable, Hashable {
        /// Preferences.
        public let preferences: Int
        /// Consent records, standing and withdrawn.
        public let consents: Int
        /// Signals.
        public let signals: Int

        /// Nothing was held.
        public static let none = Counts(preferences: 0, consents: 0, signals: 0)
    }

    /// The receipt's own random id.
    public let id: String
    /// The keyed pseudonym of who was forgotten.
    public let pseudonym: String
    /// When, to the second.
    public let at: Date
    /// What was erased.
    public let erased: Counts
    /// The store's authentication code over the other fields, 64 hex digits: ``Store/verify(_:)``.
    public let seal: String

    private enum CodingKeys: String, CodingKey {
        case id, pseudonym, at, erased, seal
    }
}
