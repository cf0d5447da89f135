import Foundation
import PrefLearning
import PrefModel
import TestSupport
import Testing

@Suite("Population statistics")
struct PopulationTests {
    private let learner = Learner()

    private func person(_ axis: AnswerAxis, _ sign: Double) -> Belief {
        var model = UserModel()
        var x = [Double](repeating: 0, count: AnswerAxis.count)
        x[axis.index] = 3 * sign
        for _ in 0..<15 {
            learner.absorb(
                [Observation(x: x, response: .preferred)],
                of: .choice,
                at: .distantPast,
                levels: [],
                into: &model
            )
        }
        return learner.belief(of: model, at: .distantPast)
    }

    private func release(
        _ people: [Belief],
        epsilon: Double = 2
    ) throws -> [DimensionID: DimensionDistribution] {
        var budget = PrivacyBudget(total: 1000)
        var random = SeededGenerator(seed: 2)
        let released = try PopulationReport()
            .release(people, epsilon: epsilon, budget: &budget, using: &random)
        return Dictionary(uniqueKeysWithValues: released.map { ($0.dimension, $0) })
    }

    @Test("a split shows as one, with what one setting costs the smaller camp")
    func split() throws {
        let more = person(.emoji, 1)
        let less = person(.emoji, -1)
        let people = (0..<200).map { $0 % 5 < 2 ? more : less }
        let emoji = try #require(try release(people)[DimensionID(rawValue: "emoji")])
        #expect(emoji.shape == .split)
        let some = try #require(emoji.camps.first { $0.value == "some" })
        let none = try #require(emoji.camps.first { $0.value == "none" })
        #expect(abs(some.people - 80) < 12 && abs(none.people - 120) < 12)
        #expect(some.costOfAverage > none.costOfAverage + 0.1)
    }

    @Test("a consensus shows as one, and few people as unclear")
    func consensus() throws {
        let less = person(.emoji, -1)
        let emoji = DimensionID(rawValue: "emoji")
        #expect(try release(Array(repeating: less, count: 200))[emoji]?.shape == .consensus)
        #expect(try release([less, less])[emoji]?.shape == .unclear)
    }

    @Test("the budget is spent before anything is released, and runs out")
    func budget() throws {
        var random = SeededGenerator(seed: 2)
        var budget = PrivacyBudget(total: 15)
        let report = PopulationReport()
        let people = [person(.emoji, 1)]
        let released = try report.release(people, epsilon: 1, budget: &budget, using: &random)
        #expect(budget.spent == Double(released.count))
        let before = budget
        #expect(throws: PrivacyBudget.Refusal.self) {
            try report.release(people, epsilon: 1, budget: &budget, using: &random)
        }
        #expect(budget == before)
        #expect(throws: PrivacyBudget.Refusal.notPositive) {
            try report.release(people, epsilon: 0, budget: &budget, using: &random)
        }
    }

    @Test(
        "one person more or less changes what is likely to be released by no more than epsilon says"
    )
    func privacy() throws {
        // The count of one camp, over many releases with and without one person.
        let person = person(.emoji, 1)
        let emoji = DimensionID(rawValue: "emoji")
        func histogram(_ people: [Belief], seed: UInt64) throws -> [Int: Double] {
            var random = SeededGenerator(seed: seed)
            var counts: [Int: Double] = [:]
            for _ in 0..<1500 {
                var budget = PrivacyBudget(total: 1000)
                let released = try PopulationReport()
                    .release(people, epsilon: 2, budget: &budget, using: &random)
                let camp = released.first { $0.dimension == emoji }?.camps
                    .first { $0.value == "some" }
                counts[camp?.people ?? -1, default: 0] += 1.0 / 1500
            }
            return counts
        }
        let with = try histogram([person, person, person], seed: 5)
        let without = try histogram([person, person], seed: 6)
        // Half of epsilon 2 is the counts': no outcome is more than e times likelier.
        for (value, share) in with where share > 0.08 {
            let ratio = share / (without[value] ?? 1e-9)
            #expect(ratio < exp(1) * 1.3, "\(value)")
        }
    }
}
