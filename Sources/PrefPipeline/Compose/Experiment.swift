import PrefModel

/// Now and then one learned directive is left out, to learn whether it helps: only for users who allow
/// experiments, never one that was set, and only at the beginning of a conversation, so that later turns
/// keep their prompt's prefix.
struct Experiment {
    /// The probability that a request is answered with one directive left out.
    static let share = 0.1

    /// The directive that is left out of this request, or nil.
    let withheld: Directive?
    /// Every learned directive, with the coin that was thrown for it.
    let arms: [ExperimentArm]

    /// Throws the coin.
    init(among directives: [Directive], using random: inout some RandomNumberGenerator) {
        let learned = directives.filter { $0.source == .learned }
        let falls = Double.random(in: 0..<1, using: &random) < Self.share
        let withheld = falls ? learned.randomElement(using: &random) : nil
        self.withheld = withheld
        arms = learned.map { directive in
            ExperimentArm(
                key: directive.key,
                value: directive.value,
                isKept: directive != withheld,
                propensity: 1 - Self.share / Double(learned.count)
            )
        }
    }
}

extension Exchange {
    /// The composition with the experiment carried out, where this request is one.
    mutating func experimenting(
        with composition: Composition,
        _ profile: Profile,
        turn: Int,
        for principal: Principal,
        in circumstances: Circumstances
    ) -> Composition {
        guard profile.granted.contains(.experiments), circumstances.mode == .on,
            turn == 1
        else { return composition }
        var random = SystemRandomNumberGenerator()
        let experiment = Experiment(among: composition.injected, using: &random)
        trace.experiments = experiment.arms
        guard let withheld = experiment.withheld else { return composition }
        let rest = Profile(
            preferences: profile.preferences.filter { $0.key != withheld.key },
            granted: profile.granted
        )
        return compose(rest, for: principal, in: circumstances)
            .withholding(withheld, .experiment)
    }
}
