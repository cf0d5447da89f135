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
