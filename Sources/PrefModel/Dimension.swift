/// The name of an axis of preference, such as `verbosity`.
public struct DimensionID: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    /// The name as the contract spells it.
    public let rawValue: String

    /// Takes any name; the vocabulary decides whether it exists.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The name.
    public var description: String { rawValue }

    /// Reads a bare JSON string.
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes a bare JSON string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// One axis of preference: a closed set of values, or a bounded free form, with a tier.
public struct Dimension: Codable, Sendable, Hashable {
    /// What values a dimension takes.
    public enum Kind: String, Codable, Sendable {
        /// One of the listed values.
        case choice
        /// A BCP 47 language tag.
        case languageTag = "language-tag"
        /// Free text, data and never instruction.
        case freeText = "free-text"
    }

    /// One value of a `choice`.
    public struct Value: Codable, Sendable, Hashable {
        /// The value as the contract spells it.
        public let value: String
        /// What it means, for people.
        public let meaning: String
        /// The line written into the prompt; nil where the value needs none.
        public let directive: String?
    }

    /// The name.
    public let id: DimensionID
    /// How far personalization may go.
    public let tier: Tier
    /// What values it takes.
    public let kind: Kind
    /// What it means, for people.
    public let meaning: String
    /// How much it matters when the block's budget is short, 0 to 1.
    public let importance: Double
    /// The values of a `choice`; empty for the other kinds.
    public let values: [Value]
    /// The prompt line of a free form, with `{value}` where the value goes and, where the dimension
    /// is set per topic, `{topic}`.
    public let directive: String?
    /// The directive where a topic narrows a `choice`, with `{topic}` and `{directive}`.
    public let topicDirective: String?
    /// The longest free text, in characters.
    public let maxCharacters: Int?
    /// Whether it can only be set for a topic.
    public let requiresTopic: Bool
    /// Whether it is injected even where the topic's tier is universal (language, reading level,
    /// accessibility: an answer that cannot be read protects nobody).
    public let inEveryTier: Bool

    /// The values a `choice` allows, in order.
    public var allowedValues: [String] { values.map(\.value) }

    private enum CodingKeys: String, CodingKey {
        case id, tier, kind, meaning, importance, values, directive
        case topicDirective = "topic_directive"
        case maxCharacters = "max_characters"
        case requiresTopic = "requires_topic"
        case inEveryTier = "in_every_tier"
    }

    /// Reads an entry of the vocabulary's data file; what is left out takes its default.
    public init(from decoder: any Decoder) throws {
        let entry = try decoder.container(keyedBy: CodingKeys.self)
        id = try entry.decode(DimensionID.self, forKey: .id)
        tier = try entry.decode(Tier.self, forKey: .tier)
        kind = try entry.decodeIfPresent(Kind.self, forKey: .kind) ?? .choice
        meaning = try entry.decode(String.self, forKey: .meaning)
        importance = try entry.decode(Double.self, forKey: .importance)
        values = try entry.decodeIfPresent([Value].self, forKey: .values) ?? []
        directive = try entry.decodeIfPresent(String.self, forKey: .directive)
        topicDirective = try entry.decodeIfPresent(String.self, forKey: .topicDirective)
        maxCharacters = try entry.decodeIfPresent(Int.self, forKey: .maxCharacters)
        requiresTopic = try entry.decodeIfPresent(Bool.self, forKey: .requiresTopic) ?? false
        inEveryTier = try entry.decodeIfPresent(Bool.self, forKey: .inEveryTier) ?? false
    }
}
