public import FoundationEssentials
public import PrefModel

/// How many signals of one kind speak of a dimension.
public struct SignalCount: Codable, Sendable, Hashable {
    /// The kind.
    public let kind: SignalKind
    /// How many.
    public let count: Int

    /// Makes a count.
    public init(kind: SignalKind, count: Int) {
        self.kind = kind
        self.count = count
    }
}

/// The evidence for one preference.
public struct PreferenceEvidence: Codable, Sendable, Hashable {
    /// The value.
    public let value: String
    /// Where it holds.
    public let context: PreferenceContext
    /// Whether the user set it or it was learned.
    public let source: PreferenceSource
    /// How sure prefd is, 0 to 1: 1 for what the user set; left out where no posterior stands behind
    /// a learned one.
    public let confidence: Double?
    /// When it was first set to this value.
    public let setAt: Date
    /// When it was last confirmed.
    public let confirmedAt: Date
    /// The same in words.
    public let explanation: String

    /// Makes the evidence.
    public init(
        value: String,
        context: PreferenceContext,
        source: PreferenceSource,
        confidence: Double?,
        setAt: Date,
        confirmedAt: Date,
        explanation: String
    ) {
        self.value = value
        self.context = context
        self.source = source
        self.confidence = confidence
        self.setAt = setAt
        self.confirmedAt = confirmedAt
        self.explanation = explanation
    }

    private enum CodingKeys: String, CodingKey {
        case value, context, source, confidence, explanation
        case setAt = "set_at"
        case confirmedAt = "confirmed_at"
    }
}

/// Answer of `GET /prefd/v1/preferences/{dimension}/why`.
public struct WhyAnswer: Codable, Sendable, Hashable {
    /// The axis.
    public let dimension: DimensionID
    /// How far personalization may go on this axis.
    public let tier: Tier
    /// The value in force in the query's context, or null where nothing is set.
    public let value: String?
    /// What stands behind each preference of this axis, the one in force first.
    public let evidence: [PreferenceEvidence]
    /// The signals that were given on answers in which a directive of this axis was in the prompt.
    public let signals: [SignalCount]
    /// What signals that count in the query's app say of this axis, whether or not it is sure enough to
    /// be used; null where none has spoken of it.
    public let learned: LearnedEntry?
    /// What signals say that count in other apps alone, one entry an app, which its context names.
    public let elsewhere: [LearnedEntry]

    /// Makes an answer.
    public init(
        dimension: DimensionID,
        tier: Tier,
        value: String?,
        evidence: [PreferenceEvidence],
        signals: [SignalCount],
        learned: LearnedEntry? = nil,
        elsewhere: [LearnedEntry] = []
    ) {
        self.dimension = dimension
        self.tier = tier
        self.value = value
        self.evidence = evidence
        self.signals = signals
        self.learned = learned
        self.elsewhere = elsewhere
    }

    /// Writes `value` and `learned` as null where there is none, so that the fields are always there.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dimension, forKey: .dimension)
        try container.encode(tier, forKey: .tier)
        try container.encode(value, forKey: .value)
        try container.encode(evidence, forKey: .evidence)
        try container.encode(signals, forKey: .signals)
        try container.encode(learned, forKey: .learned)
        try container.encode(elsewhere, forKey: .elsewhere)
    }
}
