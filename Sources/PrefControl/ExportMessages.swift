public import FoundationEssentials
public import PrefModel

/// Answer of `GET /prefd/v1/export`: everything that prefd holds on one principal.
///
/// Version 1. Times are ISO 8601 in UTC; a field that has nothing to say is left out. `requests` is
/// what prefd remembers of the latest requests in memory; it is on no disk.
public struct ExportDocument: Codable, Sendable, Hashable {
    /// Always `prefd-export`.
    public let format: String
    /// The version of this document's form.
    public let version: Int
    /// When it was made.
    public let exportedAt: Date
    /// Whose data it is, as the principal is spelled.
    public let principal: String
    /// The preferences, explicit and learned.
    public let preferences: [PreferenceEntry]
    /// The consents, standing and withdrawn.
    public let consents: [ConsentRecord]
    /// The signals, with the excerpts that are still kept.
    public let signals: [Signal]
    /// What the signals have taught and is used.
    public let learned: [LearnedEntry]
    /// The latest requests: what was injected, withheld, and which rules fired.
    public let requests: [Explanation]

    /// Makes a document of version 1.
    public init(
        exportedAt: Date,
        principal: String,
        preferences: [PreferenceEntry],
        consents: [ConsentRecord],
        signals: [Signal],
        learned: [LearnedEntry],
        requests: [Explanation]
    ) {
        format = "prefd-export"
        version = 1
        self.exportedAt = exportedAt
        self.principal = principal
        self.preferences = preferences
        self.consents = consents
        self.signals = signals
        self.learned = learned
        self.requests = requests
    }

    private enum CodingKeys: String, CodingKey {
        case format, version, principal, preferences, consents, signals, learned, requests
        case exportedAt = "exported_at"
    }
}

/// Answer of `DELETE /prefd/v1/me`: everything held on one user was erased.
public struct Erasure: Codable, Sendable, Hashable {
    /// How many records were erased, by what they were.
    public struct Counts: Codable, Sendable, Hashable {
        /// Preferences.
        public let preferences: Int
        /// Consent records, standing and withdrawn.
        public let consents: Int
        /// Signals.
        public let signals: Int

        /// Makes counts.
        public init(preferences: Int, consents: Int, signals: Int) {
            self.preferences = preferences
            self.consents = consents
            self.signals = signals
        }
    }

    /// The receipt's own random id.
    public let id: String
    /// The keyed pseudonym of who was forgotten.
    public let pseudonym: String
    /// When, to the second.
    public let at: Date
    /// What was erased.
    public let erased: Counts
    /// The store's authentication code over the other fields, 64 hex digits.
    public let seal: String

    /// Makes an answer.
    public init(id: String, pseudonym: String, at: Date, erased: Counts, seal: String) {
        self.id = id
        self.pseudonym = pseudonym
        self.at = at
        self.erased = erased
        self.seal = seal
    }
}
