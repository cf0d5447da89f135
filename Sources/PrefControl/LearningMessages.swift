public import FoundationEssentials
public import PrefModel

/// What signals say of one dimension.
public struct LearnedEntry: Codable, Sendable, Hashable {
    /// How often one kind of signal spoke for and against the value.
    public struct Evidence: Codable, Sendable, Hashable {
        /// The kind of signal.
        public let kind: SignalKind
        /// Signals that spoke for it.
        public let forIt: Int
        /// Signals that spoke against it.
        public let against: Int

        /// Makes an entry.
        public init(kind: SignalKind, forIt: Int, against: Int) {
            self.kind = kind
            self.forIt = forIt
            self.against = against
        }

        private enum CodingKeys: String, CodingKey {
            case kind, against
            case forIt = "for"
        }
    }

    /// What leaving the directive out now and then has shown: how much better answers were received with
    /// it, on a scale from 0 to 1, with its 95% interval.
    public struct Effect: Codable, Sendable, Hashable {
        /// The estimate.
        public let estimate: Double
        /// The interval's lower end.
        public let low: Double
        /// The interval's upper end.
        public let high: Double
        /// Answers with the directive.
        public let kept: Int
        /// Answers without it.
        public let withheld: Int

        /// Makes an entry.
        public init(estimate: Double, low: Double, high: Double, kept: Int, withheld: Int) {
            self.estimate = estimate
            self.low = low
            self.high = high
            self.kept = kept
            self.withheld = withheld
        }

        /// Whether the whole interval lies below zero, so that the directive is not used any more.
        public var isHarmful: Bool { high < 0 }
    }

    /// The dimension.
    public let dimension: DimensionID
    /// The value that they speak for.
    public let value: String
    /// Where it holds.
    public let context: PreferenceContext
    /// How sure it is that this direction is liked better, 0 to 1.
    public let probability: Double
    /// By how much more often than even a choice is expected to fall on an answer that goes this way, 0
    /// to 0.5.
    public let benefit: Double
    /// What its directive costs, in tokens of the prompt.
    public let tokens: Int
    /// The signals behind it, by kind.
    public let evidence: [Evidence]
    /// When a signal last spoke of it; left out where none has.
    public let lastConfirmed: Date?
    /// When the taste was last found to have changed; left out where it was not.
    public let changed: Date?
    /// Whether so much time has passed without a signal that it is asked about rather than used.
    public let isStale: Bool
    /// The same in words.
    public let explanation: String
    /// What experiments have shown; left out where there were none, or too few.
    public let effect: Effect?

    /// Makes an entry.
    public init(
        dimension: DimensionID,
        value: String,
        context: PreferenceContext,
        probability: Double,
        benefit: Double,
        tokens: Int,
        evidence: [Evidence],
        lastConfirmed: Date?,
        changed: Date?,
        isStale: Bool,
        explanation: String,
        effect: Effect? = nil
    ) {
        self.dimension = dimension
        self.value = value
        self.context = context
        self.probability = probability
        self.benefit = benefit
        self.tokens = tokens
        self.evidence = evidence
        self.lastConfirmed = lastConfirmed
        self.changed = changed
        self.isStale = isStale
        self.explanation = explanation
        self.effect = effect
    }

    private enum CodingKeys: String, CodingKey {
        case dimension, value, context, probability, benefit, tokens, evidence, changed, explanation
        case effect
        case lastConfirmed = "last_confirmed"
        case isStale = "stale"
    }
}

/// A question: which of two answers to the same prompt is liked better.
public struct Question: Codable, Sendable, Hashable {
    /// The question's name.
    public let id: String
    /// The dimensions that it is about.
    public let dimensions: [DimensionID]
    /// What was asked.
    public let prompt: String
    /// One answer.
    public let first: String
    /// The other.
    public let second: String
    /// What the answer is expected to tell, in nats: 0.69 at most.
    public let gain: Double

    /// Makes a question.
    public init(
        id: String,
        dimensions: [DimensionID],
        prompt: String,
        first: String,
        second: String,
        gain: Double
    ) {
        self.id = id
        self.dimensions = dimensions
        self.prompt = prompt
        self.first = first
        self.second = second
        self.gain = gain
    }
}

/// Answer of `GET` and `POST /prefd/v1/elicit`.
public struct Elicited: Codable, Sendable, Hashable {
    /// The question whose answer is expected to tell most; null where asking is no longer worth it.
    public let question: Question?
    /// How many questions have been answered.
    public let answered: Int
    /// Whether answers may be kept: the scope `signals.explicit`, without which none is.
    public let consented: Bool
    /// What has been learned so far and is used.
    public let learned: [LearnedEntry]

    /// Makes an answer.
    public init(question: Question?, answered: Int, consented: Bool, learned: [LearnedEntry]) {
        self.question = question
        self.answered = answered
        self.consented = consented
        self.learned = learned
    }

    /// Writes `question` as null where there is none, so that the field is always there.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(question, forKey: .question)
        try container.encode(answered, forKey: .answered)
        try container.encode(consented, forKey: .consented)
        try container.encode(learned, forKey: .learned)
    }
}

/// Which answer was liked better.
public enum QuestionChoice: String, Codable, Sendable, CaseIterable {
    /// The first.
    case first
    /// The second.
    case second
    /// Neither: the question is not asked again for now, and nothing is kept of it.
    case skip
}

/// Body of `POST /prefd/v1/elicit`.
public struct QuestionAnswer: Codable, Sendable, Hashable {
    /// The question's name.
    public let question: String
    /// The answer that was liked better.
    public let choice: QuestionChoice

    /// Makes a body.
    public init(question: String, choice: QuestionChoice) {
        self.question = question
        self.choice = choice
    }
}
