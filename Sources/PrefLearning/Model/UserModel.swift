public import FoundationEssentials
public import PrefModel

/// What has been learned of one user: evidence about the axes of ``AnswerAxis``, and nothing else.
///
/// It follows from the user's signals alone: the same signals give the same state. It holds no text,
/// no prior (the population's starting point is applied when it is read) and no measure of how long
/// or how often someone uses an app.
public struct UserModel: Hashable, Sendable, Codable {
    /// Signals that spoke for more or for less of an axis, by kind.
    public struct Tally: Hashable, Sendable, Codable {
        /// Spoke for more of it.
        public internal(set) var more = 0
        /// Spoke for less of it.
        public internal(set) var less = 0
        /// When one last spoke of it at all.
        public internal(set) var last: Date
    }

    /// The version of the state; one that is read with another version is to be replayed.
    public static let version = 1

    /// The version that it was written with.
    public let version: Int
    /// The time that the evidence is faded to; nil before the first signal.
    public internal(set) var asOf: Date?
    /// Evidence by age: the settled, the older and the newer of the recent signals.
    var settled = Ledger()
    var older = Ledger()
    var newer = Ledger()
    /// Which signals spoke of which axis.
    public internal(set) var tallies: [AnswerAxis: [SignalKind: Tally]] = [:]
    /// When the taste on an axis was last found to have changed.
    public internal(set) var changes: [AnswerAxis: Date] = [:]

    /// Someone about whom nothing has been learned.
    public init() { version = Self.version }

    /// How many signals it rests on.
    public var signals: Int { settled.signals + older.signals + newer.signals }

    /// When an axis was last spoken of, or nil.
    public func lastConfirmed(_ axis: AnswerAxis) -> Date? {
        tallies[axis]?.values.map(\.last).max()
    }

    /// Evidence by circumstances and kind, whatever its age.
    var all: Ledger {
        var all = settled
        all.merge(older)
        all.merge(newer)
        return all
    }

    private enum CodingKeys: String, CodingKey {
        case version, settled, older, newer, tallies, changes
        case asOf = "as_of"
    }

    /// Reads a state.
    ///
    /// - Throws: `DecodingError`; also where it was written with another version or has axes that this
    ///   build does not have. Then the signals are to be replayed.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decode(Int.self, forKey: .version)
        asOf = try values.decodeIfPresent(Date.self, forKey: .asOf)
        settled = try values.decode(Ledger.self, forKey: .settled)
        older = try values.decode(Ledger.self, forKey: .older)
        newer = try values.decode(Ledger.self, forKey: .newer)
        let sizes = [settled, older, newer].flatMap(\.entries).map(\.evidence.information.count)
        guard version == Self.version, sizes.allSatisfy({ $0 == AnswerAxis.count + 1 }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .version,
                in: values,
                debugDescription: "a state of another version"
            )
        }
        let tallies = try values.decode([String: [String: Tally]].self, forKey: .tallies)
        for (name, kinds) in tallies {
            let axis = try Self.named(name, AnswerAxis.self, values, .tallies)
            for (kind, tally) in kinds {
                self.tallies[axis, default: [:]][
                    try Self.named(kind, SignalKind.self, values, .tallies)
                ] = tally
            }
        }
        for (name, date) in try values.decode([String: Date].self, forKey: .changes) {
            changes[try Self.named(name, AnswerAxis.self, values, .changes)] = date
        }
    }

    /// Writes a state.
    ///
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(version, forKey: .version)
        try values.encodeIfPresent(asOf, forKey: .asOf)
        try values.encode(settled, forKey: .settled)
        try values.encode(older, forKey: .older)
        try values.encode(newer, forKey: .newer)
        try values.encode(
            Dictionary(
                uniqueKeysWithValues: tallies.map { axis, kinds in
                    let named = kinds.map { ($0.key.rawValue, $0.value) }
                    return (axis.rawValue, Dictionary(uniqueKeysWithValues: named))
                }
            ),
            forKey: .tallies
        )
        try values.encode(
            Dictionary(uniqueKeysWithValues: changes.map { ($0.key.rawValue, $0.value) }),
            forKey: .changes
        )
    }

    private static func named<Name: RawRepresentable<String>>(
        _ raw: String,
        _ type: Name.Type,
        _ values: KeyedDecodingContainer<CodingKeys>,
        _ key: CodingKeys
    ) throws -> Name {
        guard let name = Name(rawValue: raw) else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: values,
                debugDescription: "not a name of this version"
            )
        }
        return name
    }
}
