import Foundation
import PrefLearning

/// What is fitted on other people, for one test user or one fold of them.
struct Population {
    let average: AverageReward
    let lengthWeight: Double
    let mixture: TypeMixture
    /// The types alone, with no room for the person.
    let typesOnly: TypeMixture

    init?(_ training: [Choice], settings: TypeFitting.Settings, length: Int) {
        guard !training.isEmpty else { return nil }
        average = Self.averaged(training)
        let lengths = training.map { [$0.x[length]] }
        lengthWeight = AverageReward(lengths, ridge: 1).weights[0]
        guard let mixture = Self.mixture(training, settings) else { return nil }
        self.mixture = mixture
        let axes = mixture.axes
        let narrow = mixture.types.map { type in
            var covariance = [Double](repeating: 0, count: axes * axes)
            for i in 0..<axes { covariance[i * axes + i] = 1e-5 }
            return UserType(share: type.share, mean: type.mean, covariance: covariance)
        }
        guard let typesOnly = TypeMixture(narrow) else { return nil }
        self.typesOnly = typesOnly
    }

    /// The mixture fitted to users' evidence.
    static func mixture(_ training: [Choice], _ settings: TypeFitting.Settings) -> TypeMixture? {
        let users = ChoiceSet(name: "", choices: training).users
        let axes = training[0].x.count
        let broad = [Double](repeating: settings.deviation, count: axes)
        let evidence = users.map { user in
            var sum = Evidence(axes: axes)
            for choice in user.choices {
                let spread = zip(choice.x, broad).reduce(0) { $0 + pow($1.0 * $1.1, 2) }
                sum.add(Likelihood.choice(choice.x, spread: spread.squareRoot()))
            }
            return sum
        }
        return TypeFitting(settings).fit(evidence)
    }

    /// The averaged reward, with the ridge that does best on users left out of the training users.
    static func averaged(_ training: [Choice]) -> AverageReward {
        let users = ChoiceSet(name: "", choices: training).users
        let folds = min(5, users.count)
        let ridges = [1.0, 10, 100, 1000]
        guard folds > 1 else { return AverageReward(training.map(\.x), ridge: 10) }
        let scores = ridges.map { ridge in
            var score = 0.0
            for fold in 0..<folds {
                let inside = users.indices.filter { $0 % folds != fold }
                let model = AverageReward(
                    inside.flatMap { users[$0].choices.map(\.x) },
                    ridge: ridge
                )
                for index in users.indices where index % folds == fold {
                    let one = users[index].choices
                    score += mean(one.map { log(max(1e-9, model.probability($0.x))) })
                }
            }
            return score
        }
        let best = ridges.indices.max { scores[$0] < scores[$1] } ?? 1
        return AverageReward(training.map(\.x), ridge: ridges[best])
    }
}
