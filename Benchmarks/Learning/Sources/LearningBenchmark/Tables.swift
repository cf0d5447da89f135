import Foundation
import PrefLearning

/// Prints the results of one experiment.
struct Tables {
    let data: ChoiceSet
    let results: [UserResult]
    let axisNames: [String]
    /// Parts of the people whose gain is printed by itself.
    var groups: [(name: String, users: Set<String>)] = []

    func print() {
        accuracyTable()
        groupTable()
        pareto()
        minority()
        calibration()
    }

    private func over(_ pick: (UserResult) -> Predictions) -> Interval {
        Interval(results.map { accuracy(pick($0)) })
    }

    private func accuracyTable() {
        let pairs = results.reduce(0) { $0 + $1.heldOut.count }
        Swift.print(
            """

            ## \(data.name): \(results.count) people, \(data.choices.count) choices, \
            \(pairs) held out

            Held-out pairwise accuracy in percent, mean over users with 95% intervals (bootstrap over users).
            """
        )
        Swift.print("(a) chance             \(over(\.chance).percent)")
        let alone = "(b) \(axisNames[0]) alone  ".padding(toLength: 23, withPad: " ", startingAt: 0)
        Swift.print(alone + over(\.length).percent)
        Swift.print("(c) averaged reward    \(over(\.average).percent)\n")
        let models = Dictionary(grouping: results, by: \.model).mapValues(\.count)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) (for \($0.value) people)" }
        Swift.print("model, picked without whom it is tested on: " + models.joined(separator: "; "))
        let widths = [8, 22, 22, 22]
        Swift.print(
            row(["signals", "(d) types only", "(e) personal", "(e) - (c), paired"], widths: widths)
        )
        for count in Experiment.counts + [Experiment.all] {
            let gain = Interval(results.map { $0.gain(after: count) })
            Swift.print(
                row(
                    [
                        count == Experiment.all ? "all" : "\(count)",
                        over { $0.types[count] ?? [] }.percent,
                        over { $0.personal[count] ?? [] }.percent, gain.points,
                    ],
                    widths: widths
                )
            )
        }
    }

    private func groupTable() {
        guard !groups.isEmpty else { return }
        Swift.print("\n(c), and (e) - (c) at all signals, by group:")
        for group in groups {
            let some = results.filter { group.users.contains($0.user) }
            let gain = Interval(some.map { $0.gain(after: Experiment.all) })
            let average = Interval(some.map { accuracy($0.average) })
            Swift.print(
                row([group.name, average.percent, gain.points], widths: [24, 22, 22])
            )
        }
    }

    private func pareto() {
        Swift.print("\nWorse off under (e) than under (c):")
        for count in [5, 20, Experiment.all] {
            let losses = results.map { $0.gain(after: count) }
            let worse = losses.filter { $0 < -1e-9 }
            let significant = results.filter { isWorse($0, count) }.count
            Swift.print(
                String(
                    format:
                        "  %@ signals: %d of %d users (%.0f%%), by %.1f points on average, %.1f at most; %d by more than chance (p < 0.05, one-sided)",
                    count == Experiment.all ? "all" : "\(count)",
                    worse.count,
                    losses.count,
                    100 * Double(worse.count) / Double(max(1, losses.count)),
                    worse.isEmpty ? 0 : -100 * mean(worse),
                    -100 * (worse.min() ?? 0),
                    significant
                )
            )
        }
    }

    /// A sign test on the choices on which the two differ.
    private func isWorse(_ result: UserResult, _ count: Int) -> Bool {
        let personal = result.personal[count] ?? []
        var better = 0
        var worse = 0
        for (e, c) in zip(personal, result.average) where (e > 0.5) != (c > 0.5) {
            if e > 0.5 { better += 1 } else { worse += 1 }
        }
        let n = better + worse
        guard n > 0, worse > better else { return false }
        var tail = 0.0
        for k in worse...n {
            tail += exp(lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1)))
        }
        return tail * pow(0.5, Double(n)) < 0.05
    }

    /// A user is in the minority on an axis where their held-out choices that differ on it lean the
    /// other way than most users' do.
    private func minority() {
        Swift.print(
            "\nGain of (e) at all signals over (c) on the choices that an axis decides (|difference| of 0.5 or more):"
        )
        let widths = [14, 10, 22, 22]
        Swift.print(row(["axis", "minority", "gain, minority", "gain, majority"], widths: widths))
        for (axis, name) in axisNames.enumerated() {
            let users = results.compactMap { leaning($0, axis) }
            let isUp = users.count { $0.leaning > 0 } * 2 >= users.count
            let minority = users.filter { ($0.leaning > 0) != isUp }.map(\.gain)
            let majority = users.filter { ($0.leaning > 0) == isUp }.map(\.gain)
            guard minority.count >= 2, majority.count >= 2 else { continue }
            Swift.print(
                row(
                    [
                        name, "\(minority.count) of \(users.count)", Interval(minority).points,
                        Interval(majority).points,
                    ],
                    widths: widths
                )
            )
        }
    }

    /// Which way a user's choices lean on an axis, and the personal model's gain on them; nil with
    /// fewer than twenty such choices.
    private func leaning(_ result: UserResult, _ axis: Int) -> (leaning: Double, gain: Double)? {
        let decided = result.heldOut.indices.filter { abs(result.heldOut[$0][axis]) >= 0.5 }
        guard decided.count >= 20, let personal = result.personal[Experiment.all] else {
            return nil
        }
        let leaning = mean(decided.map { result.heldOut[$0][axis] > 0 ? 1 : -1 })
        let gain =
            accuracy(decided.map { personal[$0] }) - accuracy(decided.map { result.average[$0] })
        return (leaning, gain)
    }

    private func calibration() {
        Swift.print("\nCalibration of (e) at all signals (each choice counted in both orders):")
        let all = results.flatMap { $0.personal[Experiment.all] ?? [] }
        let both = all.map { ($0, 1.0) } + all.map { (1 - $0, 0.0) }
        for (low, high) in [
            (0.5, 0.55), (0.55, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01),
        ] {
            let inside = both.filter { $0.0 >= low && $0.0 < high }
            guard !inside.isEmpty else { continue }
            Swift.print(
                String(
                    format: "  said %.2f, was %.2f  (%d choices)",
                    mean(inside.map(\.0)),
                    mean(inside.map(\.1)),
                    inside.count
                )
            )
        }
        func brier(_ p: Predictions) -> Double { mean(p.map { (1 - $0) * (1 - $0) }) }
        func loss(_ p: Predictions) -> Double { -mean(p.map { log(max(1e-9, $0)) }) }
        let average = results.flatMap(\.average)
        let start = results.flatMap { $0.personal[0] ?? [] }
        Swift.print(
            String(
                format: """
                      Brier score: (e) %.4f, (e) at 0 signals %.4f, (c) %.4f, chance 0.2500
                      log loss:    (e) %.4f, (e) at 0 signals %.4f, (c) %.4f, chance 0.6931
                    """,
                brier(all),
                brier(start),
                brier(average),
                loss(all),
                loss(start),
                loss(average)
            )
        )
        let gains = results.map { loss($0.average) - loss($0.personal[Experiment.all] ?? []) }
        let interval = Interval(gains)
        Swift.print(
            String(
                format: "  log loss saved by (e) over (c), mean over users: %.4f [%.4f, %.4f]",
                interval.mean,
                interval.low,
                interval.high
            )
        )
    }
}
