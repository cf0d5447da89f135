public import PrefModel

/// Chooses the question whose answer is expected to tell most about a user.
public struct Elicitation: Sendable {
    /// One question with what its answer is worth.
    public struct Candidate: Sendable {
        /// The question.
        public let question: ElicitationQuestion
        /// The information that the answer is expected to give, in nats: H[E p] − E[H p].
        public let gain: Double
    }

    /// The gain under which asking stops, in nats.
    public let leastGain: Double
    private let questions: [(question: ElicitationQuestion, x: [Double])]

    /// Makes a choice among questions.
    ///
    /// - Parameters:
    ///   - questions: what to choose from.
    ///   - leastGain: the gain in nats under which asking stops; no answer gives more than 0.69.
    public init(
        questions: [ElicitationQuestion] = ElicitationQuestion.all,
        leastGain: Double = 0.02
    ) {
        self.leastGain = leastGain
        self.questions = questions.map { question in
            let first = AnswerVector(question.features(ofFirst: true))
            let second = AnswerVector(question.features(ofFirst: false))
            return (question, first.difference(from: second))
        }
    }

    /// The best question that has not been asked, or nil where none is worth asking.
    ///
    /// - Parameters:
    ///   - belief: what is believed of the user.
    ///   - asked: the ids of questions that the user has answered or skipped.
    ///   - settled: dimensions that are not asked about, such as those that the user has set.
    /// - Returns: the question with its gain.
    public func next(
        _ belief: Belief,
        asked: Set<String> = [],
        settled: Set<DimensionID> = []
    ) -> Candidate? {
        candidates(belief, asked: asked, settled: settled).max { $0.gain < $1.gain }
            .flatMap { $0.gain >= leastGain ? $0 : nil }
    }

    /// Every question that may be asked, with its gain.
    public func candidates(
        _ belief: Belief,
        asked: Set<String> = [],
        settled: Set<DimensionID> = []
    ) -> [Candidate] {
        questions.compactMap { question, x in
            let isOpen = question.differs.contains { !settled.contains($0) }
            guard isOpen, !asked.contains(question.id) else { return nil }
            return Candidate(question: question, gain: belief.utility(x).informationGain)
        }
    }

    /// What the first answer of a question has over the second.
    public func difference(of id: String) -> [Double]? {
        questions.first { $0.question.id == id }?.x
    }
}
