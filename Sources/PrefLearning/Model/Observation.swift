public import PrefModel

/// What a signal says: directions in which the user would have more or less, and how.
public struct Observation: Hashable, Sendable {
    /// How the user's response is to be understood.
    public enum Response: Hashable, Sendable {
        /// The first of two was preferred.
        case preferred
        /// Rated on 1…5.
        case rated(Int)
    }

    /// What the preferred answer has over the other, or what the rated one has over the reference.
    public let x: [Double]
    /// The response.
    public let response: Response
    /// How much of a choice it counts for: several pairs of one choice share.
    public let weight: Double

    /// Makes an observation.
    public init(x: [Double], response: Response, weight: Double = 1) {
        self.x = x
        self.response = response
        self.weight = weight
    }

    /// The role of a signal's features under which ``FollowupReader`` puts what was asked for.
    public static let askedRole = "asked"

    /// How far a follow-up is taken to want the answer moved, in reference deviations: who takes the
    /// trouble to ask for it feels more about it than who picks one of two.
    public static let askedStep = 3.0

    /// What a signal says of the axes; empty where it says nothing of them.
    ///
    /// `abandon` says nothing on purpose: leaving, staying and coming back are engagement, and
    /// engagement is never what is learned for.
    ///
    /// Where an answer is judged by itself (ratings, regenerations, copies), the axes of dimensions
    /// that a directive in its prompt steered are left out: what prefd caused is judged by the
    /// experiments, not by the posterior. Comparisons need no such care, since both answers were
    /// written under the same directives.
    public static func read(_ signal: Signal) -> [Observation] {
        let vectors = signal.features.mapValues { AnswerVector($0) }
        switch signal.kind {
        case .choice:
            guard let chosen = vectors["chosen"] else { return [] }
            let rejected = vectors.filter { $0.key.hasPrefix("rejected") }
                .sorted { $0.key < $1.key }
                .map(\.value)
            // One choice among n tells about as much as 2 (n − 1) / n choices between two.
            let weight = 2 / Double(rejected.count + 1)
            return rejected.map {
                Observation(
                    x: chosen.difference(from: $0),
                    response: .preferred,
                    weight: weight
                )
            }
        case .edit: return compared(vectors["after"], over: vectors["before"])
        case .rating:
            guard let rating = signal.rating, rating.isFinite, let answer = vectors["answer"]
            else { return [] }
            let level = Int(min(5, max(1, rating)).rounded())
            return [
                Observation(
                    x: own(answer.values, steeredBy: signal.directives) + [1],
                    response: .rated(level)
                )
            ]
        case .regenerate:
            if let after = vectors["after"], let before = vectors["before"] {
                return compared(after, over: before)
            }
            guard let answer = vectors["answer"] ?? vectors["before"] else { return [] }
            let away = own(answer.values, steeredBy: signal.directives).map { -$0 }
            return [Observation(x: away, response: .preferred)]
        case .followup:
            guard let asked = signal.features[askedRole]?.values else { return [] }
            let x = AnswerAxis.allCases.map {
                let direction = asked[$0.rawValue] ?? 0
                return direction.isFinite ? Self.askedStep * min(1, max(-1, direction)) : 0
            }
            return x.contains { $0 != 0 } ? [Observation(x: x, response: .preferred)] : []
        case .copy:
            guard let answer = vectors["answer"] else { return [] }
            return [
                Observation(
                    x: own(answer.values, steeredBy: signal.directives),
                    response: .preferred
                )
            ]
        case .abandon: return []
        }
    }

    private static func compared(
        _ after: AnswerVector?,
        over before: AnswerVector?
    ) -> [Observation] {
        guard let after, let before else { return [] }
        return [Observation(x: after.difference(from: before), response: .preferred)]
    }

    private static func own(_ x: [Double], steeredBy directives: [Directive]) -> [Double] {
        let steered = Set(directives.map(\.key.dimension))
        return AnswerAxis.allCases.map { steered.contains($0.dimension) ? 0 : x[$0.index] }
    }
}
