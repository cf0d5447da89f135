public import FoundationEssentials
public import PrefModel

/// What leaving one learned directive out now and then has shown.
public struct DirectiveTrial: Codable, Sendable, Hashable {
    /// The dimension.
    public let dimension: DimensionID
    /// The value that the directive asks for.
    public let value: String
    /// Where it holds.
    public let context: PreferenceContext
    /// Rated answers with it.
    public let kept: Int
    /// Rated answers without it.
    public let withheld: Int
    /// What it does; left out where there are too few of either.
    public let effect: LearnedEntry.Effect?
    /// Whether it is not used any more, since answers with it were received worse.
    public let isDropped: Bool

    /// Makes an entry.
    public init(
        dimension: DimensionID,
        value: String,
        context: PreferenceContext,
        kept: Int,
        withheld: Int,
        effect: LearnedEntry.Effect?,
        isDropped: Bool
    ) {
        self.dimension = dimension
        self.value = value
        self.context = context
        self.kept = kept
        self.withheld = withheld
        self.effect = effect
        self.isDropped = isDropped
    }

    private enum CodingKeys: String, CodingKey {
        case dimension, value, context, kept, withheld, effect
        case isDropped = "dropped"
    }
}

/// The answer to `GET /prefd/v1/effects`.
public struct EffectList: Codable, Sendable, Hashable {
    /// Whether the user allows experiments now.
    public let granted: Bool
    /// What has been tried, by dimension.
    public let trials: [DirectiveTrial]

    /// Makes a list.
    public init(granted: Bool, trials: [DirectiveTrial]) {
        self.granted = granted
        self.trials = trials
    }
}

/// Answer of `GET` and `POST /prefd/v1/admin/effects`.
public struct PooledEffects: Codable, Sendable, Hashable {
    /// What one learned directive does over people, with noise.
    public struct Directive: Codable, Sendable, Hashable {
        /// The dimension.
        public let dimension: DimensionID
        /// The value that the directive asks for; the value further out counts with it.
        public let value: String
        /// How many people it was tried with.
        public let people: Int
        /// How much better answers were received with it, -1 to 1, on average over people; left out with
        /// its interval where there are too few for the noise to tell.
        public let estimate: Double?
        /// The 95% interval's lower end.
        public let low: Double?
        /// The interval's upper end.
        public let high: Double?

        /// Makes an entry.
        public init(
            dimension: DimensionID,
            value: String,
            people: Int,
            estimate: Double?,
            low: Double?,
            high: Double?
        ) {
            self.dimension = dimension
            self.value = value
            self.people = people
            self.estimate = estimate
            self.low = low
            self.high = high
        }
    }

    /// When the figures were released; null where none ever were.
    public let releasedAt: Date?
    /// The figures of the latest release, every directive that can be learned.
    public let effects: [Directive]
    /// What it cost, and what is left.
    public let budget: Population.Budget

    /// Makes an answer.
    public init(releasedAt: Date?, effects: [Directive], budget: Population.Budget) {
        self.releasedAt = releasedAt
        self.effects = effects
        self.budget = budget
    }

    private enum CodingKeys: String, CodingKey {
        case effects, budget
        case releasedAt = "released_at"
    }

    /// Writes `released_at` as null where there was no release, so that the field is always there.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(releasedAt, forKey: .releasedAt)
        try container.encode(effects, forKey: .effects)
        try container.encode(budget, forKey: .budget)
    }
}
