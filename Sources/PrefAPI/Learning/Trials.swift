internal import PrefControl
internal import PrefLearning
internal import PrefModel

/// How answers were received with and without each learned directive: what `experiments` allows.
struct Trials: Sendable {
    /// A directive; it is the same line whatever app it was learned in.
    private struct Name: Hashable {
        let dimension: DimensionID
        let context: PreferenceContext
        let value: String

        init(_ key: PreferenceKey, _ value: String) {
            dimension = key.dimension
            var context = key.context
            context.app = nil
            self.context = context
            self.value = value
        }
    }

    private var records: [Name: [Withholding]] = [:]

    /// Takes what a signal says of the experiment that its answer was part of.
    mutating func add(_ signal: Signal) {
        guard let arms = signal.experiments, let outcome = Withholding.outcome(of: signal) else {
            return
        }
        for arm in arms {
            let record = Withholding(
                directive: "\(arm.key.dimension)=\(arm.value)",
                isKept: arm.isKept,
                propensity: arm.propensity,
                outcome: outcome,
                covariates: signal.context.map(Self.covariates) ?? Self.none
            )
            records[Name(arm.key, arm.value), default: []].append(record)
        }
    }

    /// Every answer that was part of an experiment, once for each directive.
    var all: [Withholding] { records.values.flatMap { $0 } }

    /// The effect of a directive, kept minus left out; nil where there are too few of either.
    func effect(of learned: LearnedPreference) -> Effect? {
        records[Name(learned.key, learned.value)]
            .flatMap { EffectEstimator().effect($0) }
    }

    /// What was tried, each directive with its answers of either kind and what it does.
    ///
    /// `app` is where these trials count, where that is one app alone.
    func list(in app: String?) -> [DirectiveTrial] {
        records.map { name, records in
            var context = name.context
            context.app = app
            let effect = EffectEstimator().effect(records)
            let kept = records.count { $0.isKept }
            return DirectiveTrial(
                dimension: name.dimension,
                value: name.value,
                context: context,
                kept: kept,
                withheld: records.count - kept,
                effect: effect.map(LearnedEntry.Effect.init),
                isDropped: effect?.isHarmful ?? false
            )
        }
        .sorted { ($0.dimension.rawValue, $0.value) < ($1.dimension.rawValue, $1.value) }
    }

    private static let none = [Double](repeating: 0, count: TaskKind.allCases.count + 1)

    /// The circumstances as 0 and 1: one for each task, and whether it was urgent.
    private static func covariates(_ context: RequestContext) -> [Double] {
        TaskKind.allCases.map { $0 == context.task ? 1 : 0 } + [
            context.situation == .urgent ? 1 : 0
        ]
    }
}
