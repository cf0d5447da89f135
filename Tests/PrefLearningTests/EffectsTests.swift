import PrefLearning
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

    @Test("pooled over users, the interval is wider than if they were one")
    func pooled() throws {
        var random = SeededGenerator(seed: 4)
        let users = (0..<12).map { index in
            records(60, effect: index % 2 == 0 ? 0.3 : -0.1, &random)
        }
        let pooled = try #require(EffectEstimator().pooled(users))
        let single = try #require(EffectEstimator().effect(users.flatMap { $0 }))
        #expect(abs(pooled.estimate - single.estimate) < 1e-9)
        #expect(pooled.high - pooled.low > single.high - single.low)
        #expect(EffectEstimator().pooled(Array(users.prefix(2))) == nil)
    }
}
