import Foundation
import PrefLearning
import PrefModel
import TestSupport

/// What contexts and weak signals add, in people whose tastes are known.
extension Simulation {
    func contexts() {
        let people = 200
        Swift.print(
            """

            ## Tastes that differ by task

            \(people) simulated people, half of their choices while coding; there each \
            weight is shifted by as much as people of a type differ. How often pairs are ordered as they truly would while coding, in percent.
            """
        )
        let widths = [10, 22, 16]
        Swift.print(row(["choices", "with context effects", "without"], widths: widths))
        for count in [10, 40, 160] {
            var with = 0.0
            var without = 0.0
            for index in 0..<people {
                var random = SeededGenerator(seed: UInt64(9000 + index))
                let weights = person(&random, scale: 2)
                let other = person(&random)
                let center = prior.mean
                let shifted = weights.indices.map { weights[$0] + other[$0] - center[$0] }
                var apart = UserModel()
                var together = UserModel()
                for number in 0..<count {
                    let isCoding = number % 2 == 0
                    let x = pool[Int.random(in: 0..<pool.count, using: &random)]
                    let isChosen = chooses(x, isCoding ? shifted : weights, &random)
                    observe(
                        x,
                        isChosen: isChosen,
                        day: 0,
                        levels: [.task(isCoding ? .coding : .chat)],
                        &apart
                    )
                    observe(x, isChosen: isChosen, day: 0, &together)
                }
                let now = Date(timeIntervalSince1970: 0)
                with += agreement(
                    learner.belief(of: apart, at: now),
                    shifted,
                    in: [.task(.coding)]
                )
                without += agreement(learner.belief(of: together, at: now), shifted)
            }
            Swift.print(
                row(
                    [
                        "\(count)", String(format: "%.1f", 100 * with / Double(people)),
                        String(format: "%.1f", 100 * without / Double(people)),
                    ],
                    widths: widths
                )
            )
        }
    }

    func weakSignals() {
        let people = 200
        Swift.print(
            """

            ## Follow-ups of unknown reliability

            \(people) simulated people, 20 choices and 20 follow-ups ("shorter", ...) that say the truth so often; \
            how far they came to be relied on beside choices (0.6 at the outset), and how often pairs are ordered \
            rightly, in percent.
            """
        )
        let widths = [10, 12, 16, 14, 14]
        Swift.print(
            row(
                ["truthful", "relied on", "learned reliance", "taken at 1", "left out"],
                widths: widths
            )
        )
        for truth in [0.5, 0.7, 0.9] {
            var scores = [0.0, 0, 0]
            var reliance = 0.0
            for index in 0..<people {
                var random = SeededGenerator(seed: UInt64(7000 + index))
                let weights = person(&random, scale: 2)
                var models = [UserModel(), UserModel()]
                for _ in 0..<20 {
                    let x = pool[Int.random(in: 0..<pool.count, using: &random)]
                    let isChosen = chooses(x, weights, &random)
                    observe(x, isChosen: isChosen, day: 0, &models[0])
                    observe(x, isChosen: isChosen, day: 0, &models[1])
                }
                for _ in 0..<20 {
                    var x = [Double](repeating: 0, count: AnswerAxis.count)
                    let axis = Int.random(in: 0..<x.count, using: &random)
                    let isTrue = random.uniform() < truth
                    x[axis] = Observation.askedStep * ((weights[axis] > 0) == isTrue ? 1 : -1)
                    learner.absorb(
                        [Observation(x: x, response: .preferred)],
                        of: .followup,
                        at: Date(timeIntervalSince1970: 0),
                        levels: [],
                        into: &models[0]
                    )
                }
                let now = Date(timeIntervalSince1970: 0)
                var certain = LearningParameters()
                certain.reliability = certain.reliability.mapValues { $0 > 0 ? 1 : 0 }
                scores[0] += agreement(learner.belief(of: models[0], at: now), weights)
                scores[1] += agreement(
                    Learner(parameters: certain).belief(of: models[0], at: now),
                    weights
                )
                scores[2] += agreement(learner.belief(of: models[1], at: now), weights)
                reliance += learner.reliability(of: models[0])[.followup] ?? 0
            }
            Swift.print(
                row(
                    [
                        String(format: "%.0f%%", 100 * truth),
                        String(format: "%.2f", reliance / Double(people)),
                    ] + scores.map { String(format: "%.1f", 100 * $0 / Double(people)) },
                    widths: widths
                )
            )
        }
    }
}
