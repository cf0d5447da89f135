// Running the packs' own test cases, and trying the rules on a text.

extension RuleSet {
    /// Runs the test cases of all rules, on each surface that a rule looks at.
    ///
    /// A case passes when its rule matches, or does not, in a text that all rules look at. Those of
    /// rules that ask a model are left out.
    /// - Returns: the cases that came out otherwise, in the order of the packs.
    public func runCases() -> [CaseFailure] { runCases(of: rules) }

    /// The same for some of the rules.
    func runCases(of rules: [Rule]) -> [CaseFailure] {
        rules.filter { !$0.asksModel }.concurrentMap { rule in
            TextSurface.allCases.filter(rule.surfaces.contains).flatMap { surface in
                failures(of: rule, .match, rule.matchCases, surface)
                    + failures(of: rule, .pass, rule.passCases, surface)
            }
        }.flatMap(\.self)
    }

    /// Shows which rules match in a text, where, and how they see it.
    ///
    /// - Returns: every match of every rule, in the order of the text.
    public func explain(_ text: String, surface: TextSurface) -> [TryResult] {
        let bytes = Array(text.utf8)
        return hits(in: text, surface: surface).filter { !rules[$0.rule].isRequirement }.map {
            hit in
            let matched = String(decoding: bytes[hit.range], as: UTF8.self)
            return TryResult(
                rule: rules[hit.rule],
                range: hit.range,
                matched: matched,
                normalized: Shadow.fold(matched)
            )
        }
    }

    private func failures(
        of rule: Rule,
        _ expectation: CaseFailure.Expectation,
        _ cases: [String],
        _ surface: TextSurface
    ) -> [CaseFailure] {
        cases.enumerated().compactMap { index, text in
            let isFound = hits(in: text, surface: surface).contains { rules[$0.rule].id == rule.id }
            let matches = isFound != rule.isRequirement
            guard matches != (expectation == .match) else { return nil }
            return CaseFailure(
                ruleID: rule.id,
                expectation: expectation,
                index: index,
                surface: surface
            )
        }
    }

    private func hits(in text: String, surface: TextSurface) -> [Hit] {
        var scanner = scanner(for: surface)
        scanner.hitLog = []
        scanner.feed(text)
        scanner.finish()
        return (scanner.hitLog ?? []).sorted {
            ($0.range.lowerBound, $0.range.upperBound, $0.rule)
                < ($1.range.lowerBound, $1.range.upperBound, $1.rule)
        }
    }
}
