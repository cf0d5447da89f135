import ChatWire
import PrefModel

/// Now and then one learned directive is left out, to learn whether it helps: only for users who allow
/// experiments, never one that was set, and only in the first request of a conversation, so that the
/// prompts of all later ones begin alike.
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
    ///
    /// What is left is the same block without that line: nothing takes its place.
    mutating func experimenting(
        with composition: Composition,
        _ profile: Profile,
        _ outline: ChatRequestOutline,
        in circumstances: Circumstances
    ) -> Composition {
        // At most a system prompt and a message: neither a later turn nor an app at work with its tools.
        guard profile.granted.contains(.experiments), circumstances.mode == .on,
            outline.userTurns == 1, outline.messageCount <= 2
        else { return composition }
        var random = SystemRandomNumberGenerator()
        let experiment = Experiment(among: composition.injected, using: &random)
        trace.experiments = experiment.arms
        guard let withheld = experiment.withheld else { return composition }
        let one = WithheldDirective(
            key: withheld.key,
            value: withheld.value,
            reason: .experiment
        )
        return Composer(vocabulary: .standard, settings: settings.composer).composition(
            of: composition.injected.filter { $0 != withheld },
            without: [one] + composition.withheld,
            in: circumstances
        )
    }
}
