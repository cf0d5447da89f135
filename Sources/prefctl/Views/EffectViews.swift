internal import PrefControl
internal import PrefModel

/// What experiments have shown, for people.
enum EffectViews {
    /// What was tried, and what that has shown.
    static func list(_ list: EffectList, _ style: Style) -> String {
        guard !list.trials.isEmpty else {
            return list.granted
                ? "Nothing has been tried yet: one request in ten leaves learned preferences out, and what "
                    + "you rate then counts."
                : "Nothing is tried without your consent: prefctl consent grant experiments."
        }
        var table = TextTable([
            "DIMENSION", "VALUE", "HOLDS", "WITH", "WITHOUT", "EFFECT, POINTS OF 100",
        ])
        for trial in list.trials {
            let said = trial.effect.map(interval) ?? "too few to tell"
            table.add([
                trial.dimension.rawValue, trial.value, Words.context(trial.context),
                String(trial.kept),
                String(trial.withheld),
                trial.isDropped ? said + ": not used any more" : said,
            ])
        }
        return table.rendered(style)
    }

    /// What they do on average over people, and what was paid for knowing it.
    static func pooled(_ effects: PooledEffects, _ style: Style) -> String {
        var table = TextTable(["DIMENSION", "VALUE", "PEOPLE", "EFFECT, POINTS OF 100"])
        for one in effects.effects {
            var said = "too few to tell"
            if let estimate = one.estimate, let low = one.low, let high = one.high {
                said = interval(estimate, low, high)
            }
            table.add([one.dimension.rawValue, one.value, String(one.people), said])
        }
        return table.rendered(style) + "\n" + Words.release(effects.releasedAt, effects.budget)
    }

    /// An effect with its interval, such as `+12 (95%: +3 to +21)`.
    static func interval(_ effect: LearnedEntry.Effect) -> String {
        interval(effect.estimate, effect.low, effect.high)
    }

    private static func interval(_ estimate: Double, _ low: Double, _ high: Double) -> String {
        "\(signed(estimate)) (95%: \(signed(low)) to \(signed(high)))"
    }

    /// A share as points of a hundred, with its sign.
    static func signed(_ value: Double) -> String {
        (value < 0 ? "-" : "+") + String(Int((abs(value) * 100).rounded()))
    }
}
