import Foundation
import PrefLearning
import PrefModel

/// Time and memory of the learner on this machine: the best of repeated runs, since other work on the machine only adds.
struct Cost {
    let pool: [[Double]]
    let texts: [String]

    private func best(_ runs: Int, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let times = (0..<runs).map { _ in
            let took = clock.measure(body)
            return Double(took.components.attoseconds) / 1e12 + Double(took.components.seconds)
                * 1e6
        }.sorted()
        return times[0]
    }

    func print() {
        let learner = Learner()
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        func build(_ cells: Int, signals: Int) -> UserModel {
            var model = UserModel()
            let tasks = TaskKind.allCases
            for index in 0..<signals {
                learner.absorb(
                    [Observation(x: pool[index % pool.count], response: .preferred)],
                    of: index % 5 == 0 ? .edit : .choice,
                    at: now.addingTimeInterval(Double(index) * 3600),
                    levels: cells == 0 ? [] : [.task(tasks[index % cells]), .app("app")],
                    into: &model
                )
            }
            return model
        }
        Swift.print("\n## Cost on this machine (best of repeated runs)\n")
        let words = texts.map { $0.split(separator: " ").count }.reduce(0, +)
        let all = best(9) { for text in texts { _ = AnswerFeatures.measure(text, language: "en") } }
        Swift.print(
            String(
                format: "features: %.0f us for an answer of 500 words (%.0f ns a word)",
                all / Double(words) * 500,
                all / Double(words) * 1000
            )
        )
        for (name, cells) in [("one context", 0), ("four tasks", 4)] {
            var model = build(cells, signals: 200)
            let levels: [ContextLevel] = cells == 0 ? [] : [.app("app"), .task(.chat)].sorted()
            var index = 0
            let update =
                best(501) {
                    for _ in 0..<10 {
                        learner.absorb(
                            [Observation(x: pool[index % pool.count], response: .preferred)],
                            of: .choice,
                            at: now.addingTimeInterval(900_000),
                            levels: levels,
                            into: &model
                        )
                        index += 1
                    }
                } / 10
            let model200 = build(cells, signals: 200)
            let belief = best(51) { _ = learner.belief(of: model200, at: now) }
            let read = learner.belief(of: model200, at: now)
            let reading = DirectiveReading()
            let directives = best(51) {
                _ = reading.preferences(of: model200, belief: read, at: now)
            }
            let bytes = (try? PrefJSON.encode(model200).count) ?? 0
            Swift.print(
                String(
                    format:
                        "%@, 200 signals: update %.1f us, belief %.0f us, directives %.0f us, state %.1f KiB as JSON",
                    name,
                    update,
                    belief,
                    directives,
                    Double(bytes) / 1024
                )
            )
        }
        let elicitation = Elicitation()
        let belief = learner.belief(of: UserModel(), at: now)
        Swift.print(
            String(format: "next question: %.0f us", best(51) { _ = elicitation.next(belief) })
        )
    }
}
