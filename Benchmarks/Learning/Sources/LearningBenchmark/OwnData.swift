import Foundation
import PrefLearning

/// What is measured on a data set of the reader's own, beside the writers: each population by itself, in
/// one with the other, and met with what was fitted on the other.
struct OwnData {
    let own: ChoiceSet
    let writers: ChoiceSet
    /// Hold out the last fifth of each user's prompts only.
    let forward: Bool

    func print() {
        let alone = Experiment(data: own, forward: forward).run()
        Tables(data: own, results: alone, axisNames: axisNames).print()
        together()
        Swift.print(
            """

            ## \(own.name): met with what others like

            The population is the other one: nobody of the people who are tested, nor of their kind, is in it.
            """
        )
        across(from: writers, to: own)
        across(from: own, to: writers)
        asShipped()
    }

    /// One population of both.
    private func together() {
        let both = ChoiceSet(
            name: "Writers and \(own.name) in one population",
            choices: writers.choices + own.choices
        )
        var tables = Tables(
            data: both,
            results: Experiment(data: both).run(),
            axisNames: axisNames
        )
        tables.groups = [writers, own].map { set in
            (name: set.name, users: Set(set.users.map(\.name)))
        }
        tables.print()
    }

    /// Fitted on one population, tested on the other.
    private func across(from population: ChoiceSet, to people: ChoiceSet) {
        let fold = Experiment.Fold(training: population.choices, test: people.users)
        let results = Experiment(data: people, forward: forward).run([fold])
        table(
            "fitted on \(population.name), tested on \(people.name)",
            average: results.map { accuracy($0.average) },
            columns: [
                ("(e) personal", { count in results.map { accuracy($0.personal[count] ?? []) } })
            ]
        )
    }

    /// The starting point that ships, and what a day's refinement with the others of this data set makes
    /// of it, as prefd does for users who grant `population`.
    private func asShipped() {
        let shipped = TypeMixture.standard
        let users = own.users.map { (name: $0.name, choices: $0.choices.map(withBaseline)) }
        let evidence = users.map { user in
            user.choices.reduce(into: Evidence(axes: shipped.axes)) {
                $0.add(Likelihood.choice($1.x, spread: shipped.spread(along: $1.x)))
            }
        }
        var average: [Double] = []
        var start: [[Int: Double]] = []
        var moved: [[Int: Double]] = []
        for (index, user) in users.enumerated() {
            let others = users.indices.filter { $0 != index }
            let reward = Population.averaged(others.flatMap { own.users[$0].choices })
            average.append(
                heldOut(of: user.choices) { _, test in
                    test.map { reward.probability(Array($0.dropLast())) }
                }
            )
            start.append(accuracies(of: user.choices, from: shipped))
            let refined = refine(shipped, on: others.map { evidence[$0] })
            moved.append(accuracies(of: user.choices, from: refined))
        }
        table(
            "the starting point that ships, and moved toward the others as for users who grant `population`",
            average: average,
            columns: [
                ("as it ships", { count in start.map { $0[count] ?? .nan } }),
                ("moved", { count in moved.map { $0[count] ?? .nan } }),
            ]
        )
    }

    /// The accuracy over a person's blocks of what predicts one from the others.
    private func heldOut(
        of choices: [Choice],
        _ predict: ([[Double]], [[Double]]) -> Predictions
    ) -> Double {
        accuracy(
            Experiment(data: own, forward: forward).splits(of: choices).flatMap(predict)
        )
    }

    /// The accuracy after so many signals.
    private func accuracies(of choices: [Choice], from prior: TypeMixture) -> [Int: Double] {
        let counts = Experiment.counts + [Experiment.all]
        return Dictionary(
            uniqueKeysWithValues: counts.map { count in
                (count, heldOut(of: choices) { Experiment.predict(prior, $0.prefix(count), $1) })
            }
        )
    }

    private func withBaseline(_ choice: Choice) -> Choice {
        Choice(user: choice.user, prompt: choice.prompt, x: choice.x + [0])
    }

    private func refine(_ start: TypeMixture, on people: [Evidence]) -> TypeMixture {
        (0..<TypeFitting.refiningRounds).reduce(start) { fitted, _ in
            let users = TypeFitting.startUsers
            return TypeFitting.refine(fitted, from: start, startUsers: users, on: people) ?? fitted
        }
    }

    private func table(
        _ title: String,
        average: [Double],
        columns: [(name: String, accuracy: (Int) -> [Double])]
    ) {
        Swift.print("\n\(title); (c) averaged reward \(Interval(average).percent)")
        let widths = [8] + columns.flatMap { _ in [22, 22] }
        Swift.print(
            row(["signals"] + columns.flatMap { [$0.name, "- (c), paired"] }, widths: widths)
        )
        for count in Experiment.counts + [Experiment.all] {
            let cells = columns.flatMap { column -> [String] in
                let values = column.accuracy(count)
                let gains = Interval(zip(values, average).map { $0 - $1 })
                return [Interval(values).percent, gains.points]
            }
            Swift.print(
                row([count == Experiment.all ? "all" : "\(count)"] + cells, widths: widths)
            )
        }
    }
}
