public import FoundationEssentials

/// Where a preference came from.
///
/// An explicit one always beats a learned one.
public enum PreferenceSource: String, Codable, Sendable {
    /// The user set it.
    case explicit
    /// The posterior was sure enough of it.
    case learned
}

/// What names a preference: its dimension and where it holds.
public struct PreferenceKey: Hashable, Codable, Sendable {
    /// The axis.
    public let dimension: DimensionID
    /// Where it holds.
    public let context: PreferenceContext

    /// Names a preference.
    public init(dimension: DimensionID, context: PreferenceContext = .everywhere) {
        self.dimension = dimension
        self.context = context
    }
}

/// One preference of one principal.
public struct Preference: Hashable, Codable, Sendable {
    /// Its dimension and where it holds.
    public let key: PreferenceKey
    /// The value, one that the vocabulary accepted.
    public let value: String
    /// Where it came from.
    public let source: PreferenceSource
    /// When it was first set to this value.
    public let setAt: Date
    /// When it was last confirmed: set again, or seen to help.
    public let confirmedAt: Date

    /// Makes a preference; `value` must already have been accepted by the vocabulary.
    public init(
        key: PreferenceKey,
        value: String,
        source: PreferenceSource,
        setAt: Date,
        confirmedAt: Date
    ) {
        self.key = key
        self.value = value
        self.source = source
        self.setAt = setAt
        self.confirmedAt = confirmedAt
    }

    private enum CodingKeys: String, CodingKey {
        case key, value, source
        case setAt = "set_at"
        case confirmedAt = "confirmed_at"
    }
}

/// One line that the composer wrote into a prompt for one preference.
public struct Directive: Hashable, Codable, Sendable {
    /// The preference's dimension and where it holds.
    public let key: PreferenceKey
    /// The preference's value.
    public let value: String
    /// Where the preference came from.
    public let source: PreferenceSource
    /// The line itself.
    public let text: String

    /// Makes a directive.
    public init(key: PreferenceKey, value: String, source: PreferenceSource, text: String) {
        self.key = key
        self.value = value
        self.source = source
        self.text = text
    }
}
