import Foundation
import PrefLearning

/// A model of a population that may be fitted.
struct Candidate {
    let name: String
    let settings: TypeFitting.Settings

    /// What is chosen from where nothing else is said: one Gaussian, one felt at half, once and twice the
    /// strength, and two types of different tastes, each with two deviations that spreads are shrunk to.
    static func standard(deviations: [Double] = [0.2, 0.4]) -> [Candidate] {
        deviations.flatMap { deviation in
            [
                Candidate("one type", deviation) { $0.types = 1 },
                Candidate("three strengths", deviation) { $0.strengths = [0.5, 1, 2] },
                Candidate("two types", deviation) { $0.types = 2 },
            ]
        }
    }

    init(_ name: String, _ settings: TypeFitting.Settings) {
        self.name = name
        self.settings = settings
    }

    init(_ name: String, _ deviation: Double, _ change: (inout TypeFitting.Settings) -> Void) {
        var settings = TypeFitting.Settings()
        settings.covarianceUsers = 1
        settings.deviation = deviation
        change(&settings)
        self.init("\(name), \(deviation)", settings)
    }
}

/// Picks the model for a population by looking at that population alone.
///
/// Each candidate is fitted on four fifths of the people, and predicts one half of each other person's
/// prompts from the other half, both ways; the one with the least log loss, averaged over people, is
/// taken. Who is tested has no part in it.
struct Selection {
    let candidates: [Candidate]
    private let parts = 5

    func best(for training: [Choice]) -> Candidate? {
        guard candidates.count > 1 else { return candidates.first }
        let users = ChoiceSet(name: "", choices: training).users
        let scores = candidates.map { score($0, users) }
        return candidates.indices.max { scores[$0] < scores[$1] }.map { candidates[$0] }
    }

    private func score(_ candidate: Candidate, _ users: [(name: String, choices: [Choice])])
        -> Double
    {
        let parts = min(parts, users.count)
        var score = 0.0
        for part in 0..<parts {
            let fitted = users.indices.filter { $0 % parts != part }.flatMap { users[$0].choices }
            guard !fitted.isEmpty, let prior = Population.mixture(fitted, candidate.settings)
            else { continue }
            for index in users.indices where index % parts == part {
                score += halves(users[index].choices, prior)
            }
        }
        return score
    }

    /// The mean log probability of a person's choices, each half of the prompts given the other.
    private func halves(_ choices: [Choice], _ prior: TypeMixture) -> Double {
        var numbers: [String: Int] = [:]
        for choice in choices where numbers[choice.prompt] == nil {
            numbers[choice.prompt] = numbers.count
        }
        let sides = [0, 1].map { side in
            choices.filter { (numbers[$0.prompt] ?? 0) % 2 == side }.map(\.x)
        }
        let logs = [(sides[0], sides[1]), (sides[1], sides[0])].flatMap { seen, held in
            Experiment.predict(prior, seen, held).map { log(max(1e-9, $0)) }
        }
        return mean(logs)
    }
}
