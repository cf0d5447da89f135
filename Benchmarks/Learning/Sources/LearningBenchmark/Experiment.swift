import Foundation
import PrefLearning

/// What one model predicted for one held-out choice: the probability it gave to what was chosen.
typealias Predictions = [Double]

/// Accuracy of choices: a half where the model sees no difference.
func accuracy(_ predictions: Predictions) -> Double {
    mean(predictions.map { $0 > 0.5 + 1e-9 ? 1 : $0 < 0.5 - 1e-9 ? 0 : 0.5 })
}

/// One user's held-out results: for each model and number of signals, the predictions.
struct UserResult {
    let user: String
    /// The model that was picked for the people it is tested against.
    let model: String
    var chance: Predictions = []
    var length: Predictions = []
    var average: Predictions = []
    var types: [Int: Predictions] = [:]
    var personal: [Int: Predictions] = [:]
    /// The held-out differences.
    var heldOut: [[Double]] = []

    /// What the personal model's accuracy after so many signals is above the average's.
    func gain(after count: Int) -> Double {
        accuracy(personal[count] ?? []) - accuracy(average)
    }
}

/// Held-out accuracy on people the population was not fitted on.
struct Experiment {
    let data: ChoiceSet
    /// The models that each fold picks from.
    var candidates = Candidate.standard()
    /// Index of the axis that "length alone" uses.
    let lengthAxis = 0
    /// Into how many blocks each user's prompts are cut.
    ///
    /// Each block is held out once, the signals come from the others; with `forward`, only the last
    /// block is held out.
    var blocks = 5
    var forward = false
    var sites = Sites.bounded

    /// How a choice becomes a Gaussian site.
    enum Sites: String, CaseIterable {
        /// What is shipped: a bound at the utility that the prior expects; sums commute.
        case bounded = "bound at the prior's spread"
        /// The curvature of the logistic at 0; sums commute.
        case atZero = "curvature at 0"
        /// The bound tightened at the posterior over all signals, in five rounds: needs the signals.
        case tightened = "bound tightened by all signals"
        /// One Laplace step a signal at the running mean: depends on the order.
        case online = "online Laplace"
    }

    static let counts = [0, 1, 3, 5, 10, 20]
    static let all = Int.max

    /// The people of one fold, and what the population is fitted on for them.
    struct Fold {
        let training: [Choice]
        let test: [(name: String, choices: [Choice])]
    }

    /// Leaves one user out, or a tenth of them where there are more than 100; the population never sees
    /// a test user, nor a prompt that a test user answered.
    func folds() -> [Fold] {
        let users = data.users
        let count = users.count <= 100 ? users.count : 10
        return (0..<count).map { number in
            let test = users.indices.filter { $0 % count == number }.map { users[$0] }
            let prompts = Set(test.flatMap { $0.choices.map(\.prompt) })
            let training = users.indices.filter { $0 % count != number }
                .flatMap { users[$0].choices }
                .filter { !prompts.contains($0.prompt) }
            return Fold(training: training, test: test)
        }
    }

    /// Runs over all folds.
    func run(_ folds: [Fold]? = nil) -> [UserResult] {
        (folds ?? self.folds()).flatMap { fold -> [UserResult] in
            guard let model = Selection(candidates: candidates).best(for: fold.training),
                let population = Population(
                    fold.training,
                    settings: model.settings,
                    length: lengthAxis
                )
            else { return [] }
            return fold.test.map { evaluate($0.name, $0.choices, population, model.name) }
                .filter { !$0.heldOut.isEmpty }
        }
    }

    private func evaluate(
        _ name: String,
        _ choices: [Choice],
        _ population: Population,
        _ model: String
    ) -> UserResult {
        var result = UserResult(user: name, model: model)
        for (signals, test) in splits(of: choices) {
            result.heldOut += test
            result.chance += test.map { _ in 0.5 }
            result.length += test.map { sigmoid(population.lengthWeight * $0[lengthAxis]) }
            result.average += test.map { population.average.probability($0) }
            for count in Self.counts + [Self.all] {
                let seen = signals.prefix(count)
                result.types[count, default: []] += Self.predict(
                    population.typesOnly,
                    seen,
                    test,
                    sites: sites
                )
                result.personal[count, default: []] += Self.predict(
                    population.mixture,
                    seen,
                    test,
                    sites: sites
                )
            }
        }
        return result
    }

    /// Each block of a person's prompts: the choices of the others as signals, and its own.
    func splits(of choices: [Choice]) -> [(signals: [[Double]], test: [[Double]])] {
        var prompts: [String] = []
        for choice in choices where !prompts.contains(choice.prompt) {
            prompts.append(choice.prompt)
        }
        let size = max(1, (prompts.count + blocks - 1) / blocks)
        let starts = Array(stride(from: 0, to: prompts.count, by: size))
        return (forward ? starts.suffix(1) : starts[...]).map { start in
            let held = Set(prompts[start..<min(prompts.count, start + size)])
            return (
                signals: choices.filter { !held.contains($0.prompt) }.map(\.x),
                test: choices.filter { held.contains($0.prompt) }.map(\.x)
            )
        }
    }

    static func predict(
        _ prior: TypeMixture,
        _ signals: some Collection<[Double]>,
        _ test: [[Double]],
        sites: Sites = .bounded
    ) -> Predictions {
        var belief = Belief(prior, evidence: Evidence(axes: prior.axes))
        var evidence = Evidence(axes: prior.axes)
        switch sites {
        case .bounded:
            for x in signals { evidence.add(Likelihood.choice(x, spread: prior.spread(along: x))) }
        case .atZero:
            for x in signals { evidence.add(Likelihood.choice(x, spread: 0)) }
        case .tightened:
            for _ in 0..<5 {
                evidence = Evidence(axes: prior.axes)
                for x in signals {
                    let utility = belief.utility(x)
                    let second = utility.mean * utility.mean + utility.variance
                    evidence.add(Likelihood.choice(x, spread: second.squareRoot()))
                }
                belief = Belief(prior, evidence: evidence)
            }
        case .online:
            for x in signals {
                let u = belief.utility(x).mean
                let p = sigmoid(u)
                evidence.add(Site(x: x, precision: p * (1 - p), shift: p * (1 - p) * u + 1 - p))
                belief = Belief(prior, evidence: evidence)
            }
        }
        belief = Belief(prior, evidence: evidence)
        return test.map { belief.probability($0) }
    }
}
