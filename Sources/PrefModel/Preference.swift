public import FoundationEssentials

/// Where a preference came from.
///
/// An explicit one always beats a learned one; one that was set for another app and counts here by
/// consent stands between them.
public enum PreferenceSource: String, Codable, Sendable, Comparable {
    /// The user set it.
    case explicit
    /// The user set it for another app, and lets that app's preferences count in others.
    case shared
    /// The posterior was sure enough of it.
    case learned

    private var rank: Int {
        switch self {
        case .explicit: 2
        case .shared: 1
        case .learned: 0
        }
    }

    /// Whether a preference of one source yields to one of the other.
    public static func < (left: PreferenceSource, right: PreferenceSource) -> Bool {
        left.rank < right.rank
    }
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
