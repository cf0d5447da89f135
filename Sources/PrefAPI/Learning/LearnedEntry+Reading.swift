internal import PrefControl
internal import PrefLearning
internal import PrefModel

extension LearnedEntry {
    /// The wire form of what was learned.
    init(_ learned: LearnedPreference, effect: PrefLearning.Effect? = nil) {
        self.init(
            dimension: learned.key.dimension,
            value: learned.value,
            context: learned.key.context,
            probability: learned.probability,
            benefit: learned.benefit,
            tokens: learned.tokens,
            evidence: learned.evidence.map {
                Evidence(kind: $0.kind, forIt: $0.forIt, against: $0.against)
            },
            lastConfirmed: learned.lastConfirmed,
            changed: learned.changed,
            isStale: learned.isStale,
            explanation: learned.explanation,
            effect: effect.map(Effect.init)
        )
    }
}

extension LearnedEntry.Effect {
    /// The wire form of an estimate.
    init(_ effect: PrefLearning.Effect) {
        self.init(
            estimate: effect.estimate,
            low: effect.low,
            high: effect.high,
            kept: effect.kept,
            withheld: effect.withheld
        )
    }
}
