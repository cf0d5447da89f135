public import FoundationEssentials
public import PrefModel

/// One preference on the wire: the value, where it holds, its tier and its consent scope.
public struct PreferenceEntry: Codable, Sendable, Hashable {
    /// The axis.
    public let dimension: DimensionID
    /// The value in canonical spelling.
    public let value: String
    /// Where it holds; `{}` is everywhere.
    public let context: PreferenceContext
    /// How far personalization may go on this axis.
    public let tier: Tier
    /// The consent under which it is kept.
    public let scope: ConsentScope
    /// Whether the user set it or it was learned.
    public let source: PreferenceSource
    /// When it was first set to this value.
    public let setAt: Date
    /// When it was last confirmed.
    public let confirmedAt: Date

    /// Makes the wire form of a stored preference of a dimension of this tier.
    public init(_ preference: Preference, tier: Tier) {
        dimension = preference.key.dimension
        value = preference.value
        context = preference.key.context
        self.tier = tier
        scope = .preferences
        source = preference.source
        setAt = preference.setAt
        confirmedAt = preference.confirmedAt
    }

    private enum CodingKeys: String, CodingKey {
        case dimension, value, context, tier, scope, source
        case setAt = "set_at"
        case confirmedAt = "confirmed_at"
    }
}

/// Answer of `GET /prefd/v1/preferences`.
///
/// Without a context query: every preference, in the vocabulary's order. With one: those in force in
/// that context, one a dimension, the most specific.
public struct PreferenceList: Codable, Sendable, Hashable {
    /// The preferences.
    public let preferences: [PreferenceEntry]

    /// Makes a list.
    public init(preferences: [PreferenceEntry]) { self.preferences = preferences }
}

/// Answer of `GET /prefd/v1/preferences/{dimension}`.
public struct DimensionPreferences: Codable, Sendable, Hashable {
    /// The axis.
    public let dimension: DimensionID
    /// How far personalization may go on this axis.
    public let tier: Tier
    /// The consent under which its preferences are kept.
    public let scope: ConsentScope
    /// The value in force in the query's context, or null where nothing is set.
    public let value: String?
    /// Every preference of this axis, in whatever context.
    public let preferences: [PreferenceEntry]

    /// Makes an answer.
    public init(
        dimension: DimensionID,
        tier: Tier,
        value: String?,
        preferences: [PreferenceEntry]
    ) {
        self.dimension = dimension
        self.tier = tier
        scope = .preferences
        self.value = value
        self.preferences = preferences
    }

    /// Writes `value` as null where nothing is set, so that the field is always there.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dimension, forKey: .dimension)
        try container.encode(tier, forKey: .tier)
        try container.encode(scope, forKey: .scope)
        try container.encode(value, forKey: .value)
        try container.encode(preferences, forKey: .preferences)
    }
}

/// Body of `PUT /prefd/v1/preferences/{dimension}`; the context goes in the query.
public struct PreferenceValue: Codable, Sendable, Hashable {
    /// The value to set.
    public let value: String

    /// Makes a body.
    public init(value: String) { self.value = value }
}

/// One preference to set in a bulk `PUT`.
public struct PreferenceSetting: Codable, Sendable, Hashable {
    /// The axis.
    public let dimension: DimensionID
    /// The value to set.
    public let value: String
    /// Where it shall hold; left out is everywhere.
    public let context: PreferenceContext?

    /// Makes an entry.
    public init(dimension: DimensionID, value: String, context: PreferenceContext? = nil) {
        self.dimension = dimension
        self.value = value
        self.context = context
    }
}

/// Body of `PUT /prefd/v1/preferences`: all are set, or none.
public struct PreferenceSettings: Codable, Sendable, Hashable {
    /// What to set.
    public let preferences: [PreferenceSetting]

    /// Makes a body.
    public init(preferences: [PreferenceSetting]) { self.preferences = preferences }
}

/// Answer of `PUT /prefd/v1/preferences/{dimension}`: the preference's own fields, and beside them
/// `receipt` where setting it granted the `preferences` scope.
public struct PreferenceChange: Codable, Sendable, Hashable {
    /// The preference as it now stands.
    public let preference: PreferenceEntry
    /// The consent that was given in the same act, or nil where it stood already.
    public let receipt: ConsentRecord?

    /// Makes an answer.
    public init(preference: PreferenceEntry, receipt: ConsentRecord?) {
        self.preference = preference
        self.receipt = receipt
    }

    private enum CodingKeys: String, CodingKey { case receipt }

    /// Reads the flat form.
    public init(from decoder: any Decoder) throws {
        preference = try PreferenceEntry(from: decoder)
        receipt = try decoder.container(keyedBy: CodingKeys.self)
            .decodeIfPresent(ConsentRecord.self, forKey: .receipt)
    }

    /// Writes the flat form.
    public func encode(to encoder: any Encoder) throws {
        try preference.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(receipt, forKey: .receipt)
    }
}

/// Answer of `PUT /prefd/v1/preferences`.
public struct PreferenceChanges: Codable, Sendable, Hashable {
    /// The preferences as they now stand, in the order they were sent.
    public let preferences: [PreferenceEntry]
    /// The consent that was given in the same act, or nil where it stood already.
    public let receipt: ConsentRecord?

    /// Makes an answer.
    public init(preferences: [PreferenceEntry], receipt: ConsentRecord?) {
        self.preferences = preferences
        self.receipt = receipt
    }
}

/// Answer of `DELETE /prefd/v1/preferences[/{dimension}]`.
public struct PreferencesRemoved: Codable, Sendable, Hashable {
    /// How many there were and are no more.
    public let removed: Int

    /// Makes an answer.
    public init(removed: Int) { self.removed = removed }
}
