public import PrefModel

/// What a learned directive does to how answers are received, over consenting people, as it may be
/// released.
public struct PooledEffect: Codable, Hashable, Sendable {
    /// The directive's dimension.
    public let dimension: DimensionID
    /// Its value; the value further out counts with it.
    public let value: String
    /// How many people it was tried with, with noise.
    public let people: Int
    /// The mean effect over people, each alike: kept minus withheld, −1…1, with noise; nil where there
    /// are too few for the noise to tell.
    public let estimate: Double?
    /// The lower end of a 95% interval, in which the noise is counted.
    public let low: Double?
    /// The upper end.
    public let high: Double?
}

/// Pools effects over people under differential privacy.
///
/// Each person's own effect of a directive is a number in −1…1 (``EffectEstimator/share(of:)``), and
/// they count for three directives at most, those that were left out for them most often. For each
/// directive a count, the sum of effects and the sum of their squares are released, so that adding or
/// removing a person changes each of the three by at most 1 for at most three directives: the epsilon
/// is cut in three, and then goes to count, sum and squares as 1 : 2 : 1. Directives are named whether
/// or not anyone tried them. Noise is as in ``PopulationReport``.
public struct EffectReport: Sendable {
    /// For how many directives one person counts.
    private static let mostDirectives = 3
    /// Effects and their squares are summed in this many steps of a unit.
    private static let steps = 20.0

    /// One person's effect of each directive that counts, in steps, by its place in ``Pole/all``.
    private typealias Share = [Int: Int]

    /// Makes a report.
    public init() {}

    /// The effects of every directive that can be learned, at `epsilon` for all of them, which the
    /// budget pays first.
    ///
    /// `people` holds the records of each person once.
    ///
    /// - Throws: ``PrivacyBudget/Refusal``.
    public func release(
        _ people: [[Withholding]],
        epsilon: Double,
        budget: inout PrivacyBudget,
        using random: inout some RandomNumberGenerator
    ) throws(PrivacyBudget.Refusal) -> [PooledEffect] {
        try budget.spend(epsilon)
        let shares = people.map(share)
        let each = epsilon / Double(Self.mostDirectives)
        return Pole.all.indices.map { pole in
            effect(of: pole, shares.compactMap { $0[pole] }, each, &random)
        }
    }

    private func share(of person: [Withholding]) -> Share {
        let byPole = Dictionary(grouping: person, by: Self.pole)
        let tried = byPole.compactMap { pole, records -> (pole: Int, left: Int, steps: Int)? in
            guard let pole, let effect = EffectEstimator().share(of: records) else { return nil }
            return (pole, records.count { !$0.isKept }, Int((effect * Self.steps).rounded()))
        }
        let most = tried.sorted { ($1.left, $0.pole) < ($0.left, $1.pole) }
            .prefix(Self.mostDirectives)
        return Dictionary(uniqueKeysWithValues: most.map { ($0.pole, $0.steps) })
    }

    private static func pole(of record: Withholding) -> Int? {
        Pole.all.firstIndex { pole in
            [pole.value, pole.strongValue].contains { value in
                value.map { "\(pole.dimension)=\($0)" == record.directive } ?? false
            }
        }
    }

    private func effect(
        of pole: Int,
        _ effects: [Int],
        _ epsilon: Double,
        _ random: inout some RandomNumberGenerator
    ) -> PooledEffect {
        let (forCount, forSum, forSquares) = (epsilon / 4, epsilon / 2, epsilon / 4)
        func noisy(_ sum: Int, _ epsilon: Double) -> Double {
            Double(sum + PopulationReport.geometric(epsilon / Self.steps, &random)) / Self.steps
        }
        let people = max(0, effects.count + PopulationReport.geometric(forCount, &random))
        let sum = noisy(effects.reduce(0, +), forSum)
        let squares = noisy(
            effects.reduce(0) { $0 + Int((Double($1 * $1) / Self.steps).rounded()) },
            forSquares
        )
        let count = Double(max(1, people))
        let mean = min(1, max(-1, sum / count))
        // Between people, and of the noise in the sum and in what it is divided by.
        let between = min(1, max(0, squares / count - mean * mean)) / count
        let noise = 2 / (forSum * forSum) + mean * mean * 2 / (forCount * forCount)
        let half = 1.96 * (between + noise / (count * count)).squareRoot()
        // As few would be counted by noise alone once in some thousand directives that nobody tried.
        let tells = count >= 8 / forCount && half < 1
        return PooledEffect(
            dimension: Pole.all[pole].dimension,
            value: Pole.all[pole].value,
            people: people,
            estimate: tells ? mean : nil,
            low: tells ? max(-1, mean - half) : nil,
            high: tells ? min(1, mean + half) : nil
        )
    }
}
