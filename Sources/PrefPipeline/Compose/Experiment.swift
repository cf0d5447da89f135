import ChatWire
import Glibc
import PrefModel

/// Now and then learned directives are left out, to learn whether each helps: only for users who allow
/// experiments, never one that was set, and only in the first request of a conversation, so that the
/// prompts of all later ones begin alike.
///
/// Each directive has a coin of its own, thrown independently of the others, so that what is seen with
/// one and without it differs in nothing else.
struct Experiment {
    /// The probability that a request is answered with any directive left out; most often it is one.
    static let share = 0.1

    /// The directives that are left out of this request.
    let withheld: [Directive]
    /// Every learned directive, with the coin that was thrown for it.
    let arms: [ExperimentArm]

    /// Throws the coins.
    init(among directives: [Directive], using random: inout some RandomNumberGenerator) {
        let learned = directives.filter { $0.source == .learned }
        // The more directives, the rarer each is left out: (1 − share)^(1/n) leaves a request whole with
        // probability 1 − share whatever their number.
        let propensity = pow(1 - Self.share, 1 / Double(max(1, learned.count)))
        arms = learned.map { directive in
            ExperimentArm(
                key: directive.key,
                value: directive.value,
                isKept: Double.random(in: 0..<1, using: &random) < propensity,
                propensity: propensity
            )
        }
        withheld = zip(learned, arms).filter { !$0.1.isKept }.map(\.0)
    }
}

extension Exchange {
    /// The composition with the experiment carried out, where this request is one.
    ///
    /// What is left is the same block without those lines: nothing takes their place.
    mutating func experimenting(
        with composition: Composition,
        _ profile: Profile,
        _ outline: ChatRequestOutline,
        in circumstances: Circumstances
    ) -> Composition {
        guard profile.granted.contains(.experiments), circumstances.mode == .on,
            outline.beginsConversation
        else { return composition }
        var random = SystemRandomNumberGenerator()
        let experiment = Experiment(among: composition.injected, using: &random)
        trace.experiments = experiment.arms
        guard !experiment.withheld.isEmpty else { return composition }
        let withheld = experiment.withheld.map {
            WithheldDirective(key: $0.key, value: $0.value, reason: .experiment)
        }
        return Composer(vocabulary: .standard, settings: settings.composer).composition(
            of: composition.injected.filter { !experiment.withheld.contains($0) },
            without: withheld + composition.withheld,
            in: circumstances
        )
    }
}

extension ChatRequestOutline {
    /// At most a system prompt and a message: neither a later turn, nor one that carries on what the
    /// backend remembers, nor an app at work with its tools.
    fileprivate var beginsConversation: Bool {
        userTurns == 1 && messageCount <= 2 && !continuesElsewhere
    }
}
