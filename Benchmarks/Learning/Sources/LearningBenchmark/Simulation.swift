import Foundation
import PrefLearning
import PrefModel
import TestSupport

/// People drawn from the fitted types, who choose as the model supposes.
///
/// What can be measured of a procedure when the truth is known. Nothing here says how real people are.
struct Simulation {
    let prior = TypeMixture.standard
    let learner = Learner()
    /// Differences between answers of real data, which simulated people choose among.
    let pool: [[Double]]

    /// One person's weights, `scale` times as strong as the fitted types' members'.
    func person(_ random: inout SeededGenerator, scale: Double = 1) -> [Double] {
        var pick = random.uniform()
        let type = prior.types.first {
            pick -= $0.share
            return pick <= 0
        }
        guard let type = type ?? prior.types.last else { return [] }
        // Covariances are diagonal as shipped.
        let axes = prior.axes
        return (0..<(axes - 1)).map { axis in
            let deviation = type.covariance[axis * axes + axis].squareRoot()
            return scale * (type.mean[axis] + deviation * random.normal())
        }
    }

    func chooses(_ x: [Double], _ weights: [Double], _ random: inout SeededGenerator) -> Bool {
        random.uniform() < sigmoid(inner(x, weights))
    }

    func observe(
        _ x: [Double],
        isChosen: Bool,
        day: Double,
        levels: [ContextLevel] = [],
        _ model: inout UserModel
    ) {
        let toward = isChosen ? x : x.map { -$0 }
        learner.absorb(
            [Observation(x: toward, response: .preferred)],
            of: .choice,
            at: Date(timeIntervalSince1970: 86_400 * day),
            levels: levels,
            into: &model
        )
    }

    /// How often the believed weights order a pair as the true ones do, over `pool`'s pairs.
    func agreement(_ belief: Belief, _ weights: [Double], in context: [ContextLevel] = []) -> Double
    {
        let believed = belief.mean(in: context)
        return mean(
            pool.map { x in
                let agreement = inner(x, weights) * inner(x, believed)
                return abs(agreement) < 1e-12 ? 0.5 : agreement > 0 ? 1 : 0
            }
        )
    }

    func print() {
        elicitation()
        change()
        contexts()
        weakSignals()
    }

    private func elicitation() {
        let people = 300
        let scale = 2.0
        var curves: [String: [Double]] = [:]
        for strategy in ["best", "random"] {
            var sums = [Double](repeating: 0, count: 27)
            for index in 0..<people {
                var random = SeededGenerator(seed: UInt64(index))
                let weights = person(&random, scale: scale)
                let elicitation = Elicitation(leastGain: 0)
                var model = UserModel()
                var asked: Set<String> = []
                for count in 0...26 {
                    let belief = learner.belief(of: model, at: Date(timeIntervalSince1970: 0))
                    sums[count] += agreement(belief, weights) / Double(people)
                    let open = elicitation.candidates(belief, asked: asked)
                        .sorted { $0.question.id < $1.question.id }
                    let next =
                        strategy == "best"
                        ? open.max { $0.gain < $1.gain } : open.randomElement(using: &random)
                    guard let next, let x = elicitation.difference(of: next.question.id) else {
                        continue
                    }
                    asked.insert(next.question.id)
                    observe(x, isChosen: chooses(x, weights, &random), day: 0, &model)
                }
            }
            curves[strategy] = sums
        }
        guard let best = curves["best"], let random = curves["random"] else { return }
        Swift.print(
            """

            ## Elicitation against random questions

            \(people) people simulated from the fitted types (weights \(scale) times as strong), asked the shipped \
            questions; how often pairs of real answers are then ordered as the person truly would, in percent.
            """
        )
        let widths = [10, 10, 10]
        Swift.print(row(["questions", "best", "random"], widths: widths))
        for count in [0, 1, 2, 3, 5, 8, 12, 16, 20, 26] {
            Swift.print(
                row(
                    [
                        "\(count)", String(format: "%.1f", 100 * best[count]),
                        String(format: "%.1f", 100 * random[count]),
                    ],
                    widths: widths
                )
            )
        }
        for share in [0.5, 0.75, 0.9] {
            let goal = best[0] + share * (best[26] - best[0])
            let one = best.firstIndex { $0 >= goal } ?? 26
            let other = random.firstIndex { $0 >= goal } ?? 26
            Swift.print(
                String(
                    format:
                        "to gain %.0f%% of what all 26 questions give: %d questions, %d at random",
                    100 * share,
                    one,
                    other
                )
            )
        }
    }

    private func change() {
        let people = 150
        func recovery(_ threshold: Double, _ window: Int, jump: Bool) -> (
            curve: [Double], alarms: Double
        ) {
            var parameters = LearningParameters()
            parameters.changeThreshold = threshold
            parameters.windowSignals = window
            let learner = Learner(parameters: parameters)
            var sums = [Double](repeating: 0, count: 61)
            var alarms = 0.0
            for index in 0..<people {
                var random = SeededGenerator(seed: UInt64(5000 + index))
                var weights = person(&random)
                weights[AnswerAxis.length.index] = -1.2
                var model = UserModel()
                for count in 0..<160 {
                    if jump, count == 100 { weights[AnswerAxis.length.index] = 1.2 }
                    if count >= 100 {
                        let belief = learner.belief(
                            of: model,
                            at: Date(timeIntervalSince1970: 86_400 * Double(count))
                        )
                        let sign = belief.mean()[AnswerAxis.length.index]
                        sums[count - 100] += (sign > 0) == jump ? 1 / Double(people) : 0
                    }
                    let x = pool[Int.random(in: 0..<pool.count, using: &random)]
                    let isChosen = chooses(x, weights, &random)
                    learner.absorb(
                        [
                            Observation(
                                x: isChosen ? x : x.map { -$0 },
                                response: .preferred
                            )
                        ],
                        of: .choice,
                        at: Date(timeIntervalSince1970: 86_400 * Double(count)),
                        levels: [],
                        into: &model
                    )
                }
                if !jump { alarms += model.changes.isEmpty ? 0 : 1 / Double(people) }
            }
            return (sums, alarms)
        }
        Swift.print(
            """

            ## A change of taste

            \(people) simulated people, one choice a day among pairs of real answers; after 100 days the taste for \
            length turns from -1.2 to +1.2. Share whose sign is found again so many signals later, and (with no \
            change at all) the share in whom one was seen in 160 signals.
            """
        )
        let widths = [24, 6, 6, 6, 6, 6, 6, 13]
        Swift.print(
            row(
                ["change-point test", "5", "10", "15", "20", "30", "50", "false alarms"],
                widths: widths
            )
        )
        let usual = LearningParameters()
        for (name, threshold, window) in [
            ("none", Double.infinity, 8), ("threshold 2, window 8", 2, 8),
            ("threshold 3, window 8", 3, 8), ("threshold 2, window 16", 2, 16),
            ("threshold 3, window 16", 3, 16), ("threshold 3, window 24", 3, 24),
            ("as shipped", usual.changeThreshold, usual.windowSignals),
        ] {
            let moved = recovery(threshold, window, jump: true)
            let still = recovery(threshold, window, jump: false)
            Swift.print(
                row(
                    [name]
                        + [5, 10, 15, 20, 30, 50].map {
                            String(format: "%.0f%%", 100 * moved.curve[$0])
                        } + [String(format: "%.0f%%", 100 * still.alarms)],
                    widths: widths
                )
            )
        }
    }
}
