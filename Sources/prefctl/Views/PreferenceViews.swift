internal import PrefControl
internal import PrefModel

/// Preferences for people.
enum PreferenceViews {
    /// What is set.
    static func list(_ list: PreferenceList, _ style: Style) -> String {
        if list.preferences.isEmpty {
            return "Nothing is set. `prefctl get --all` shows what there is to set."
        }
        return table(list.preferences, style)
    }

    /// Everything there is to set, with what is set.
    static func all(_ dimensions: DimensionList, _ list: PreferenceList, _ style: Style) -> String {
        var table = TextTable(["DIMENSION", "VALUE", "TIER", "TAKES"])
        for dimension in dimensions.dimensions {
            let set = list.preferences.filter { $0.dimension == dimension.id }
            let value = set.map { entry in
                entry.context == .everywhere
                    ? entry.value : "\(entry.value) (\(Words.context(entry.context)))"
            }.joined(separator: "; ")
            table.add([
                dimension.id.rawValue, value.isEmpty ? "-" : value, dimension.tier.rawValue,
                takes(dimension),
            ])
        }
        return table.rendered(style)
    }

    /// One dimension: the value in force, then all that is set.
    static func one(_ answer: DimensionPreferences, _ style: Style) -> String {
        guard !answer.preferences.isEmpty else {
            return SafeText.line("\(answer.dimension) is not set.")
        }
        let value = answer.value.map { " = \($0)" } ?? " is not set here"
        let inForce = style.bold(SafeText.line("\(answer.dimension)\(value)"))
        return inForce + "\n" + table(answer.preferences, style)
    }

    /// What was set.
    static func changes(_ changes: PreferenceChanges, _ style: Style) -> String {
        let entries = table(changes.preferences, style)
        guard let receipt = changes.receipt else { return entries }
        return entries + "\n" + Words.receipt(receipt)
    }

    /// What was removed.
    static func removed(_ answer: PreferencesRemoved, _ style: Style) -> String {
        answer.removed == 0
            ? "Nothing was set there." : "\(Words.count(answer.removed, "preference")) removed."
    }

    /// What stands behind a dimension's preferences.
    static func why(_ answer: WhyAnswer, _ style: Style) -> String {
        let lines = answer.evidence.isEmpty ? [unset(answer)] : evidence(answer, style)
        return (lines + answer.elsewhere.map(elsewhere)).joined(separator: "\n")
    }

    private static func unset(_ answer: WhyAnswer) -> String {
        guard let learned = answer.learned else {
            let place = answer.elsewhere.isEmpty ? "" : " here"
            return SafeText.line(
                "\(answer.dimension) is not set, and nothing was learned about it\(place). "
                    + "Signals: \(Words.signals(answer.signals))."
            )
        }
        if let effect = learned.effect, effect.isHarmful {
            return SafeText.line(
                "\(answer.dimension) is not set, and what was learned, \(learned.value), is not used "
                    + "any more: \(words(effect)). \(learned.explanation)"
            )
        }
        return SafeText.line(
            "\(answer.dimension) is not set, and what was learned is not used yet: your signals "
                + "lean to \(learned.value). \(learned.explanation)\(stale(learned))"
        )
    }

    private static func stale(_ learned: LearnedEntry) -> String {
        learned.isStale ? " It is too long ago to rely on (prefctl ask)." : ""
    }

    /// What was learned in an app and counts there alone.
    private static func elsewhere(_ learned: LearnedEntry) -> String {
        let effect = learned.effect.map { " Tried: \(words($0))." } ?? ""
        return SafeText.line(
            "In \(Words.context(learned.context)), and there alone, your signals lean to "
                + "\(learned.value). \(learned.explanation)\(stale(learned))\(effect)"
        )
    }

    private static func evidence(_ answer: WhyAnswer, _ style: Style) -> [String] {
        var lines: [String] = []
        for evidence in answer.evidence {
            lines.append(
                style.bold(
                    SafeText.line("\(answer.dimension) = \(evidence.value)")
                        + " (\(SafeText.line(Words.context(evidence.context))))"
                )
            )
            let sure = evidence.confidence.map { "\(Int(($0 * 100).rounded()))%" } ?? "not known"
            lines.append("  source          \(evidence.source.rawValue)")
            lines.append("  how sure        \(sure)")
            lines.append("  set             \(Words.time(evidence.setAt))")
            lines.append("  last confirmed  \(Words.time(evidence.confirmedAt))")
            lines.append("  signals         \(Words.signals(answer.signals))")
            lines.append("  \(SafeText.line(evidence.explanation))")
        }
        if let effect = answer.learned?.effect {
            lines.append("  effect          \(words(effect))")
        }
        return lines
    }

    private static func words(_ effect: LearnedEntry.Effect) -> String {
        let (low, high) = (EffectViews.signed(effect.low), EffectViews.signed(effect.high))
        let points = Int((abs(effect.estimate) * 100).rounded())
        return
            "answers with it were received \(points) points of 100 "
            + (effect.estimate < 0 ? "worse" : "better")
            + " (95%: \(low) to \(high)), \(effect.kept) with and \(effect.withheld) without"
    }

    private static func table(_ entries: [PreferenceEntry], _ style: Style) -> String {
        var table = TextTable(["DIMENSION", "VALUE", "HOLDS", "TIER", "SOURCE", "CONFIRMED"])
        for entry in entries where !isLong(entry) {
            table.add([
                entry.dimension.rawValue, entry.value, Words.context(entry.context),
                entry.tier.rawValue, entry.source.rawValue, Words.day(entry.confirmedAt),
            ])
        }
        let long = entries.filter(isLong).map { entry in
            SafeText.line("\(entry.dimension) (\(Words.context(entry.context))): \(entry.value)")
        }
        let short = entries.count == long.count ? [] : [table.rendered(style)]
        return (short + long).joined(separator: "\n")
    }

    /// Free text would push every other column off the screen.
    private static func isLong(_ entry: PreferenceEntry) -> Bool {
        DisplayWidth.of(entry.value) > 30
    }

    private static func takes(_ dimension: Dimension) -> String {
        switch dimension.kind {
        case .choice: dimension.allowedValues.joined(separator: ", ")
        case .languageTag: "a BCP 47 tag, such as en or pt-BR"
        case .freeText:
            "text, \(dimension.maxCharacters ?? 500) characters at most"
                + (dimension.requiresTopic ? ", for a --topic" : "")
        }
    }
}
