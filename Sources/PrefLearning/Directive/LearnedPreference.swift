public import FoundationEssentials
public import PrefModel

/// A preference that the posterior is sure of, with what it rests on.
public struct LearnedPreference: Hashable, Sendable, Codable {
    /// How often one kind of signal spoke for and against it.
    public struct Evidence: Hashable, Sendable, Codable {
        /// The kind of signal.
        public let kind: SignalKind
        /// Signals that spoke for the value.
        public let forIt: Int
        /// Signals that spoke against it.
        public let against: Int

        private enum CodingKeys: String, CodingKey {
            case kind, against
            case forIt = "for"
        }
    }

    /// Its dimension and where it holds.
    public let key: PreferenceKey
    /// The value, one of the vocabulary's.
    public let value: String
    /// How sure the posterior is that the user likes this direction better, 0…1.
    public let probability: Double
    /// By how much a choice is expected to fall more often on an answer that goes one reference
    /// deviation this way, over an even chance: 0…0.5.
    public let benefit: Double
    /// What the directive costs, in tokens of the prompt (four characters each).
    public let tokens: Int
    /// The signals behind it, by kind.
    public let evidence: [Evidence]
    /// When a signal last spoke of it, or nil where it follows from the population alone.
    public let lastConfirmed: Date?
    /// When the taste was last found to have changed, if ever.
    public let changed: Date?
    /// Whether it has not been confirmed for so long that it should be asked about before it is used.
    public let isStale: Bool

    /// The evidence in words and numbers, for the user.
    public var explanation: String {
        let counts = evidence.map { one in
            "\(one.kind.rawValue): \(one.forIt) for, \(one.against) against"
        }
        let sure = Int((100 * probability).rounded(.down))
        let wins = Int((100 * (0.5 + benefit)).rounded())
        return """
            \(counts.isEmpty ? "No signal has spoken of it" : counts.joined(separator: "; ")). \
            \(sure)% sure of the direction; an answer that goes this way is expected to be chosen \
            \(wins) times in 100.
            """
    }

    /// The preference that the profile holds of it.
    public var preference: Preference? {
        guard let lastConfirmed else { return nil }
        return Preference(
            key: key,
            value: value,
            source: .learned,
            setAt: changed ?? lastConfirmed,
            confirmedAt: lastConfirmed
        )
    }
}

/// When a learned preference is worth a line in the prompt.
public struct DirectivePolicy: Hashable, Sendable {
    /// How sure the posterior must be of the direction.
    public var sureness = 0.9
    /// Expected benefit for each token, at least.
    public var benefitPerToken = 0.004
    /// At what mean weight the value further out is taken.
    public var strongWeight = 1.2
    /// After how many days without a signal a preference is asked about rather than assumed.
    public var staleAfterDays = 180.0
    /// Signals of the user's own that must have spoken of it; the population alone never sets one.
    public var leastSignals = 3

    /// The defaults.
    public init() {}
}
