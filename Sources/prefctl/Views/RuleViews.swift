internal import PrefControl
internal import PrefModel

/// Rules for people.
enum RuleViews {
    /// The rules in force.
    static func list(_ list: RuleList, _ style: Style) -> String {
        if list.rules.isEmpty { return "No rules are in force." }
        var table = TextTable([
            "PACK", "RULE", "DETECTS BY", "WHERE", "ACTION", "CASES", "DESCRIPTION",
        ])
        for rule in list.rules {
            table.add([
                rule.pack, rule.id, rule.detector, rule.where.joined(separator: ","), rule.action,
                String(rule.cases), rule.description,
            ])
        }
        return table.rendered(style)
    }

    /// Whether packs would load.
    static func lint(_ report: RuleLintReport, _ style: Style) -> String {
        let read = "\(Words.count(report.rules, "rule")) in \(Words.count(report.packs, "pack"))"
        if report.ok { return "\(read): no problems." }
        return
            (report.problems.map(ServiceViews.problem)
            + ["\(read): \(Words.count(report.problems.count, "problem"))."]).joined(
                separator: "\n"
            )
    }

    /// How the rules' own cases came out.
    static func test(_ report: RuleTestReport, _ style: Style) -> String {
        var lines = report.problems.map(ServiceViews.problem)
        for failure in report.failures {
            lines.append(
                SafeText.line(
                    "FAILED \(failure.pack)/\(failure.rule) \(failure.list) \(failure.number): "
                        + failure.message
                )
            )
            lines.append("  \(SafeText.line(failure.text))")
        }
        if report.casesForModels > 0 {
            lines.append(
                "\(Words.count(report.casesForModels, "case")) not run: their rules ask a model; see"
                    + " what it says with prefctl rules try."
            )
        }
        let passed = report.cases - report.failures.count
        lines.append(
            "\(Words.count(report.rules, "rule")), \(passed) of \(report.cases) cases as written."
        )
        return lines.joined(separator: "\n")
    }

    /// What fired on a tried text.
    static func trial(_ report: RuleTrialReport, _ style: Style) -> String {
        let unchecked = report.unchecked.map { rule in
            "\(rule.rule): its model gave no verdict (\(rule.reason)); treated as"
                + " \(rule.treatedAs.rawValue)."
        }
        if report.hits.isEmpty { return (["No rule fires."] + unchecked).joined(separator: "\n") }
        var table = TextTable(["PACK", "RULE", "ACTION", "BYTES", "SEEN AS"])
        for hit in report.hits {
            table.add([
                hit.pack, hit.rule, hit.action, "\(hit.start)..<\(hit.end)", hit.normalized,
            ])
        }
        let heading =
            report.blocked ? "The answer would be blocked after:" : "The answer would read:"
        return
            ([table.rendered(style)] + unchecked
            + [style.bold(heading), SafeText.lines(report.output)]).joined(separator: "\n")
    }
}
