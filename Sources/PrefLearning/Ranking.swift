/// The order in which a user would like several answers.
public enum Ranking {
    /// One answer's place.
    public struct Place: Hashable, Sendable {
        /// The answer's index in what was ranked.
        public let index: Int
        /// Its mean utility, in logits of a choice against the reference's average answer.
        public let score: Double
        /// P(it is chosen over the answer that came first), 0.5 for that one itself.
        public let overFirst: Double
    }

    /// Ranks answers, the best first; equal ones keep their order.
    public static func order(
        _ answers: [AnswerVector],
        by belief: Belief,
        in context: [ContextLevel] = []
    ) -> [Place] {
        guard let first = answers.first else { return [] }
        let places = answers.indices.map { index in
            Place(
                index: index,
                score: belief.utility(answers[index].values, in: context).mean,
                overFirst: index == 0
                    ? 0.5
                    : belief.probability(answers[index].difference(from: first), in: context)
            )
        }
        return places.sorted { ($1.score, $0.index) < ($0.score, $1.index) }
    }
}
