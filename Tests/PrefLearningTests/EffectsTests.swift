import PrefLearning
import PrefModel
import TestSupport
import Testing

@Suite("Effects of directives")
struct EffectsTests {
    /// Records whose outcome the directive moves by `effect`, and a circumstance by 0.3; the directive
    /// is kept more often in that circumstance.
    private func records(_ count: Int, effect: Double, _ random: inout SeededGenerator)
        -> [Withholding]
    {
        (0..<count).map { _ in
            let circumstance = Bool.random(using: &random)
            let propensity = circumstance ? 0.9 : 0.6
            let isKept = Double.random(in: 0..<1, using: &random) < propensity
            let chance = 0.4 + (circumstance ? 0.3 : 0) + (isKept ? effect : 0)
            return Withholding(
                directive: "verbosity=concise",
                isKept: isKept,
                propensity: propensity,
                outcome: Double.random(in: 0..<1, using: &random) < chance ? 1 : 0,
                covariates: [circumstance ? 1 : 0]
            )
        }
    }

    @Test(
        "intervals cover the truth about as often as they say, where a plain difference is biased"
    )
    func coverage() throws {
        var random = SeededGenerator(seed: 3)
        var covered = 0
        var mean = 0.0
        for _ in 0..<200 {
            let effect = try #require(EffectEstimator().effect(records(200, effect: 0.1, &random)))
            if effect.low <= 0.1 && 0.1 <= effect.high { covered += 1 }
            mean += effect.estimate / 200
        }
        #expect(covered >= 180)
        #expect(abs(mean - 0.1) < 0.03)
    }

    @Test("a directive that does harm is found, and one that does not is kept")
    func drop() throws {
        var random = SeededGenerator(seed: 9)
        let harmful = try #require(EffectEstimator().effect(records(600, effect: -0.3, &random)))
        let useful = try #require(EffectEstimator().effect(records(600, effect: 0.2, &random)))
        #expect(harmful.isHarmful)
        #expect(!useful.isHarmful)
    }

    @Test("too few of an arm say nothing")
    func few() {
        var random = SeededGenerator(seed: 1)
        let kept = records(40, effect: 0, &random).filter(\.isKept)
        #expect(EffectEstimator().effect(kept) == nil)
        #expect(EffectEstimator().effect([]) == nil)
    }

    @Test("a person's own effect is on the scale, and right on average")
    func share() throws {
        var random = SeededGenerator(seed: 4)
        var mean = 0.0
        for _ in 0..<400 {
            let one = try #require(EffectEstimator().share(of: records(60, effect: 0.2, &random)))
            #expect((-1...1).contains(one))
            mean += one / 400
        }
        #expect(abs(mean - 0.2) < 0.03)
        let kept = records(40, effect: 0, &random).filter(\.isKept)
        #expect(EffectEstimator().share(of: kept) == nil)
        #expect(EffectEstimator().share(of: []) == nil)
    }

    private func people(_ count: Int, effect: Double, _ random: inout SeededGenerator)
        -> [[Withholding]]
    {
        (0..<count).map { _ in records(30, effect: effect, &random) }
    }

    @Test("effects over people are found through the noise, and others stay unclear")
    func pooled() throws {
        var random = SeededGenerator(seed: 5)
        let people = people(400, effect: 0.25, &random)
        var budget = PrivacyBudget(total: 1)
        let released = try EffectReport().release(
            people,
            epsilon: 1,
            budget: &budget,
            using: &random
        )
        #expect(budget.left == 0)
        #expect(released.count == Pole.all.count)
        let concise = try #require(released.first { $0.value == "concise" })
        #expect(abs(concise.people - 400) < 150)
        let (low, high) = (try #require(concise.low), try #require(concise.high))
        #expect(low <= 0.25 && 0.25 <= high)
        #expect(low > 0)
        // Nobody tried these: what is said of them is noise, and of a few is nothing.
        for other in released where other.value != "concise" {
            #expect((other.low ?? -1) <= 0 && (other.high ?? 1) >= 0)
        }
        #expect(throws: PrivacyBudget.Refusal.self) {
            try EffectReport().release(people, epsilon: 1, budget: &budget, using: &random)
        }
    }

    @Test("intervals over people cover the truth about as often as they say, the noise included")
    func pooledCoverage() throws {
        var random = SeededGenerator(seed: 6)
        let people = people(300, effect: 0.2, &random)
        var covered = 0
        var said = 0
        for _ in 0..<60 {
            var budget = PrivacyBudget(total: 1)
            let released = try EffectReport().release(
                people,
                epsilon: 1,
                budget: &budget,
                using: &random
            )
            let concise = try #require(released.first { $0.value == "concise" })
            guard let low = concise.low, let high = concise.high else { continue }
            said += 1
            if low <= 0.2 && 0.2 <= high { covered += 1 }
        }
        #expect(said >= 50)
        #expect(Double(covered) >= 0.85 * Double(said))
    }

    @Test("one person moves each figure by no more than the noise is made for")
    func bounded() throws {
        var random = SeededGenerator(seed: 7)
        // One who tried everything counts for three directives.
        let eager = Pole.all.flatMap { pole in
            records(20, effect: 0.3, &random).map {
                Withholding(
                    directive: "\(pole.dimension)=\(pole.value)",
                    isKept: $0.isKept,
                    propensity: $0.propensity,
                    outcome: $0.outcome
                )
            }
        }
        var budget = PrivacyBudget(total: 1e6)
        // So large an epsilon leaves no noise.
        let released = try EffectReport().release(
            [eager],
            epsilon: 1e6,
            budget: &budget,
            using: &random
        )
        #expect(released.reduce(0) { $0 + $1.people } == 3)
        #expect(released.allSatisfy { $0.people <= 1 })
    }
}
