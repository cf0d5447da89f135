public import PrefModel

/// How the consenting users' tastes are distributed on one dimension, as it may be released.
public struct DimensionDistribution: Codable, Hashable, Sendable {
    /// What the distribution looks like.
    public enum Shape: String, Codable, Sendable {
        /// At least four of five of those with a taste want the same.
        case consensus
        /// Two camps, each at least three in ten of all.
        case split
        /// Neither.
        case spread
        /// Too few people for the noise to tell.
        case unclear
    }

    /// One camp.
    public struct Camp: Codable, Hashable, Sendable {
        /// The value that it wants; nil for those who have shown no taste.
        public let value: String?
        /// How many, with noise.
        public let people: Int
        /// What one setting for all, that of the largest camp, costs its members on average: by how
        /// much more often a choice falls on an answer one deviation their own way than on one that
        /// way, 0…1, bounded and with noise.
        public let costOfAverage: Double
    }

    /// The dimension.
    public let dimension: DimensionID
    /// The camps; the last has no taste.
    public let camps: [Camp]
    /// What it looks like, from the released numbers alone.
    public let shape: Shape
    /// What this entry cost of the budget.
    public let epsilon: Double
}

/// Describes a population under differential privacy.
///
/// Per dimension each person is in one camp (the pole that the posterior is surest of, at 0.8 or more,
/// or none) and adds at most 1 to one count and at most 1 to one sum of costs, so that adding or
/// removing a person changes each of the two by at most 1: half of the epsilon goes to each. Noise is
/// from the two-sided geometric distribution, on whole numbers, which has no floating-point side
/// channel. Sources: Ghosh, Roughgarden and Sundararajan, "Universally Utility-Maximizing Privacy
/// Mechanisms", 2009; Mironov, "On Significance of the Least Significant Bits for Differential
/// Privacy", 2012.
public struct PopulationReport: Sendable {
    /// Costs are summed in this many steps of a unit.
    private static let costSteps = 20.0

    /// How sure a posterior must be for its user to count in a camp.
    public var sureness = 0.8

    /// The defaults.
    public init() {}

    /// The distributions of every dimension that is learned, at `epsilon` each; the budget pays for
    /// all of them first or none is released.
    ///
    /// - Throws: ``PrivacyBudget/Refusal``.
    public func release(
        _ people: [Belief],
        epsilon: Double,
        budget: inout PrivacyBudget,
        using random: inout some RandomNumberGenerator
    ) throws(PrivacyBudget.Refusal) -> [DimensionDistribution] {
        var dimensions: [DimensionID] = []
        for pole in Pole.all where !dimensions.contains(pole.dimension) {
            dimensions.append(pole.dimension)
        }
        guard epsilon > 0 else { throw .notPositive }
        try budget.spend(epsilon * Double(dimensions.count))
        return dimensions.map { distribution(of: $0, people, epsilon, &random) }
    }

    private func distribution(
        of dimension: DimensionID,
        _ people: [Belief],
        _ epsilon: Double,
        _ random: inout some RandomNumberGenerator
    ) -> DimensionDistribution {
        let poles = Pole.all.filter { $0.dimension == dimension }
        let half = epsilon / 2
        let members = people.map { camp(of: $0, poles) }
        let counts = (0...poles.count).map { camp in
            let exact = members.count { ($0 ?? poles.count) == camp }
            return max(0, exact + Self.geometric(half, &random))
        }
        // The setting that one size for all would take: the largest camp's by the noisy counts, not by
        // the exact ones, or one person could move everybody's cost.
        let average = poles.indices.max { counts[$0] < counts[$1] } ?? 0
        let camps = (0...poles.count).map { camp in
            guard camp < poles.count else {
                return DimensionDistribution.Camp(
                    value: nil,
                    people: counts[camp],
                    costOfAverage: 0
                )
            }
            let exact = zip(people, members).filter { $0.1 == camp }
                .reduce(0) { $0 + cost(for: $1.0, poles[average], poles[camp]) }
            let sum = exact + Self.geometric(half / Self.costSteps, &random)
            let mean = Double(sum) / Self.costSteps / Double(max(1, counts[camp]))
            return DimensionDistribution.Camp(
                value: poles[camp].value,
                people: counts[camp],
                costOfAverage: min(1, max(0, mean))
            )
        }
        return DimensionDistribution(
            dimension: dimension,
            camps: camps,
            shape: shape(camps, epsilon: half),
            epsilon: epsilon
        )
    }

    private func camp(of person: Belief, _ poles: [Pole]) -> Int? {
        let sure = poles.indices.map { person.utility(poles[$0].direction).probabilityPositive }
        guard let best = sure.indices.max(by: { sure[$0] < sure[$1] }), sure[best] >= sureness
        else { return nil }
        return best
    }

    /// By how much more often a choice falls on an answer one deviation the person's own way than on
    /// one that goes the average's way, in whole steps.
    private func cost(for person: Belief, _ average: Pole, _ own: Pole) -> Int {
        let apart = zip(own.direction, average.direction).map { $0 - $1 }
        let lost = 2 * person.utility(apart).expectedChoice - 1
        return Int((min(1, max(0, lost)) * Self.costSteps).rounded())
    }

    private func shape(_ camps: [DimensionDistribution.Camp], epsilon: Double)
        -> DimensionDistribution.Shape
    {
        let all = camps.reduce(0) { $0 + $1.people }
        let counts = camps.filter { $0.value != nil }.map(\.people).sorted(by: >)
        let withTaste = counts.reduce(0, +)
        // The noise of one count has deviation √2/ε.
        guard Double(all) >= 8 / epsilon, withTaste > 0, let first = counts.first else {
            return .unclear
        }
        let second = counts.count > 1 ? counts[1] : 0
        if Double(first) >= 0.8 * Double(withTaste), Double(withTaste) >= 0.3 * Double(all) {
            return .consensus
        }
        return Double(second) >= 0.3 * Double(all) ? .split : .spread
    }

    /// Noise of the two-sided geometric distribution, P(k) ∝ e^(−ε|k|).
    static func geometric(_ epsilon: Double, _ random: inout some RandomNumberGenerator) -> Int {
        let ratio = Numeric.exponential(-epsilon)
        func oneSided() -> Int {
            // Bernoulli trials rather than a logarithm of a float.
            var count = 0
            while Double.random(in: 0..<1, using: &random) < ratio { count += 1 }
            return count
        }
        return oneSided() - oneSided()
    }
}
