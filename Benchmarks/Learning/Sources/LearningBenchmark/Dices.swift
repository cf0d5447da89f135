import Foundation
import PrefLearning
import TestSupport

/// DICES-350: 123 people judge the same 350 conversations as safe, unsafe or unsure.
///
/// No taste, and nothing that prefd would ever learn: it is here because it is the one set at hand in
/// which many people judge the same things, to test the ordinal likelihood with a personal baseline
/// and the mixture on disagreement between people. Items are known by how the training raters judged
/// them: their mean, and the leading directions of their disagreement.
struct Dices {
    /// By rater and item: 0 safe, 1 unsure, 2 unsafe.
    private var labels: [[Double]]
    private let raters: Int
    private let items: Int

    init(file: String) throws {
        var labels = [[Double]](repeating: [Double](repeating: .nan, count: 350), count: 123)
        var index: [String: Int] = [:]
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            let cells = line.split(separator: ",")
            guard cells.count == 3, let rater = Int(cells[1]) else { continue }
            let known = index[String(cells[0])] ?? index.count
            index[String(cells[0])] = known
            labels[rater][known] = cells[2] == "Yes" ? 2 : cells[2] == "Unsure" ? 1 : 0
        }
        self.labels = labels
        raters = labels.count
        items = index.count
    }

    private struct Fold {
        /// Of each item: the mean, then the loadings on directions of disagreement; deviation 1 each.
        let items: [[Double]]
        let majority: [Double]
        let training: [Int]
    }

    private func fold(_ number: Int, of folds: Int, factors: Int) -> Fold {
        let training = (0..<raters).filter { $0 % folds != number }
        var columns: [[Double]] = []
        let means = (0..<items).map { item in mean(training.map { labels[$0][item] }) }
        columns.append(standardized(means))
        // Residuals: what is left of a rater's judgement after the item's mean and their own.
        var residuals = training.map { rater in
            let own = mean((0..<items).map { labels[rater][$0] - means[$0] })
            return (0..<items).map { labels[rater][$0] - means[$0] - own }
        }
        var random = SeededGenerator(seed: 11)
        for _ in 0..<factors {
            var v = (0..<items).map { _ in random.normal() }
            for _ in 0..<60 {
                var next = [Double](repeating: 0, count: items)
                for residual in residuals {
                    let score = inner(residual, v)
                    for item in 0..<items { next[item] += score * residual[item] }
                }
                let length = inner(next, next).squareRoot()
                v = next.map { $0 / length }
            }
            for index in residuals.indices {
                let score = inner(residuals[index], v)
                for item in 0..<items { residuals[index][item] -= score * v[item] }
            }
            columns.append(standardized(v))
        }
        let majority = (0..<items).map { item in
            let unsafe = training.count { labels[$0][item] == 2 }
            let safe = training.count { labels[$0][item] == 0 }
            return unsafe > safe ? 2.0 : 0
        }
        return Fold(
            items: (0..<items).map { item in columns.map { $0[item] } },
            majority: majority,
            training: training
        )
    }

    private func standardized(_ values: [Double]) -> [Double] {
        let center = mean(values)
        let deviation = mean(values.map { ($0 - center) * ($0 - center) }).squareRoot()
        return values.map { ($0 - center) / max(1e-9, deviation) }
    }

    /// Cut points between the three levels that fit the training raters' shares.
    private func cuts(_ training: [Int]) -> [Double] {
        let all = training.flatMap { labels[$0] }
        let safe = mean(all.map { $0 == 0 ? 1 : 0 })
        let belowUnsafe = mean(all.map { $0 <= 1 ? 1 : 0 })
        return [log(safe / (1 - safe)), log(belowUnsafe / (1 - belowUnsafe))]
    }

    func print() {
        let counts = [0, 1, 3, 5, 10, 20, 50, 200]
        Swift.print(
            """

            ## DICES-350: \(raters) people judging the same \(items) conversations (ratings, not style)

            Whether a person judges an item unsafe; accuracy in percent, mean over people with 95% intervals. The \
            item's axes come from the other raters (ten folds); the ratings that are seen are of items drawn at \
            random, the judged ones are all others.
            """
        )
        let widths = [8, 24, 24, 24]
        let models = [0, 3].map { factors in evaluate(counts, factors: factors) }
        Swift.print("majority of the others: \(Interval(models[0].majority).percent)")
        Swift.print(
            row(
                ["ratings", "own baseline and slope", "and 3 factors", "gain over majority"],
                widths: widths
            )
        )
        for count in counts {
            let plain = models[0].personal[count] ?? []
            let rich = models[1].personal[count] ?? []
            Swift.print(
                row(
                    [
                        "\(count)", Interval(plain).percent, Interval(rich).percent,
                        Interval(zip(rich, models[0].majority).map { $0 - $1 }).points,
                    ],
                    widths: widths
                )
            )
        }
    }

    private func evaluate(_ counts: [Int], factors: Int)
        -> (majority: [Double], personal: [Int: [Double]])
    {
        var majority: [Double] = []
        var personal: [Int: [Double]] = [:]
        for number in 0..<10 {
            let fold = fold(number, of: 10, factors: factors)
            let cuts = cuts(fold.training)
            func site(_ item: Int, _ label: Double) -> Site {
                Likelihood.rating(fold.items[item] + [1], level: Int(label), cuts: cuts)
            }
            var settings = TypeFitting.Settings()
            settings.types = 2
            settings.deviation = 1
            settings.rounds = 20
            let users = fold.training.map { rater in
                var sum = Evidence(axes: factors + 2)
                for item in 0..<items { sum.add(site(item, labels[rater][item])) }
                return sum
            }
            guard let prior = TypeFitting(settings).fit(users) else { continue }
            for rater in (0..<raters) where rater % 10 == number {
                var random = SeededGenerator(seed: UInt64(1000 + rater))
                let order = (0..<items).shuffled(using: &random)
                for count in counts {
                    var sum = Evidence(axes: factors + 2)
                    for item in order.prefix(count) { sum.add(site(item, labels[rater][item])) }
                    let belief = Belief(prior, evidence: sum)
                    let rest = order.dropFirst(200)
                    let right = rest.map { item in
                        // Above the upper cut it is judged unsafe.
                        let u = belief.utility(fold.items[item] + [1]).mean
                        let isUnsafe = u > cuts[1]
                        return isUnsafe == (labels[rater][item] == 2) ? 1.0 : 0
                    }
                    personal[count, default: []].append(mean(right))
                    if count == 0 {
                        majority.append(
                            mean(
                                rest.map {
                                    (fold.majority[$0] == 2) == (labels[rater][$0] == 2) ? 1 : 0
                                }
                            )
                        )
                    }
                }
            }
        }
        return (majority, personal)
    }

    /// The judgements as choices: of two items that a person judged differently, which is safer.
    ///
    /// Items are cut in five chunks; pairs are made inside a chunk, and a chunk is held out as a whole,
    /// so that no item is in a signal and in what is predicted.
    ///
    /// With `scrambled`, the tested people's judgements are dealt anew over the items before anything
    /// else is done: a model that then does better than chance has seen what it should not.
    func choices(
        scrambled: Bool = false
    ) -> (set: ChoiceSet, folds: [Experiment.Fold], axes: [String]) {
        var all: [Choice] = []
        let folds = (0..<10).map { number in
            let tested = (0..<raters).filter { $0 % 10 == number }
            var source = self
            if scrambled {
                var random = SeededGenerator(seed: UInt64(70_000 + number))
                for rater in tested { source.labels[rater].shuffle(using: &random) }
            }
            let fold = source.fold(number, of: 10, factors: 3)
            let training = fold.training.flatMap { source.pairs(of: $0, fold.items) }
            let test = tested.map { rater in
                (name: "\(rater)", choices: source.pairs(of: rater, fold.items))
            }
            all += test.flatMap(\.choices)
            return Experiment.Fold(training: training, test: test)
        }
        let name = "DICES-350 as choices (which of two is safer; axes from other raters)"
        let axes = ["others' mean", "factor 1", "factor 2", "factor 3"]
        return (ChoiceSet(name: name, choices: all), folds, axes)
    }

    /// The table over ``choices(scrambled:)``, and its control.
    func printChoices() {
        // These axes are not style; how far people lie apart on them is for the data to say.
        let candidates = Candidate.standard(deviations: [0.5, 1])
        let (set, folds, axes) = choices()
        let results = Experiment(data: set, candidates: candidates).run(folds)
        Tables(data: set, results: results, axisNames: axes).print()
        let scrambled = choices(scrambled: true)
        let control = Experiment(data: scrambled.set, candidates: candidates)
            .run(scrambled.folds)
        let chance = [
            Interval(control.map { accuracy($0.average) }),
            Interval(control.map { accuracy($0.personal[Experiment.all] ?? []) }),
        ]
        Swift.print(
            "Control, the tested people's judgements dealt anew: (c) \(chance[0].percent), (e) \(chance[1].percent)"
        )
    }

    private func pairs(of rater: Int, _ vectors: [[Double]]) -> [Choice] {
        var random = SeededGenerator(seed: UInt64(50_000 + rater))
        let order = (0..<items).shuffled(using: &random)
        let size = items / 5
        return (0..<5).flatMap { chunk -> [Choice] in
            let inside = order[(chunk * size)..<((chunk + 1) * size)]
            var made: [Choice] = []
            for _ in 0..<400 where made.count < 30 {
                guard let one = inside.randomElement(using: &random),
                    let other = inside.randomElement(using: &random),
                    labels[rater][one] < labels[rater][other]
                else { continue }
                let x = zip(vectors[one], vectors[other]).map { $0 - $1 }
                made.append(Choice(user: "\(rater)", prompt: "chunk \(chunk)", x: x))
            }
            return made
        }
    }
}
