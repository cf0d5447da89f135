internal import PrefControl
internal import PrefModel

/// What prefd did with a request, for people.
enum ExplanationViews {
    /// One explanation, the block as it was injected in the middle.
    static func explanation(_ explanation: Explanation, _ style: Style) -> String {
        ([style.bold("Request \(SafeText.line(explanation.id))")] + facts(explanation)
            + block(explanation.block, style) + injected(explanation.injected, style)
            + withheld(explanation.withheld, style) + ranking(explanation.ranking, style)
            + rules(explanation, style))
            .joined(separator: "\n")
    }

    /// What would be added to a prompt, and what would not.
    static func preview(_ preview: PromptPreview, _ style: Style) -> String {
        let backend = preview.backend.map { ", to backend \($0)" } ?? ""
        let summary =
            "\(Words.count(preview.applied, "directive")), tier \(preview.tier.rawValue)\(backend)"
        let topics = preview.topics ?? []
        return
            ([style.bold("Preview: \(SafeText.line(summary))")]
            + (topics.isEmpty ? [] : ["  topics    \(SafeText.line(words(topics)))"])
            + block(preview.block, style)
            + injected(preview.injected, style) + withheld(preview.withheld, style)
            + [style.dim("No model was asked. Request \(SafeText.line(preview.requestID))")])
            .joined(separator: "\n")
    }

    private static func facts(_ explanation: Explanation) -> [String] {
        let context = explanation.context
        var holds = "task \(context.task.rawValue), app \(context.app)"
        if let language = context.language { holds += ", language \(language)" }
        if context.situation != .normal { holds += ", situation \(context.situation.rawValue)" }
        let facts: [(String, String?)] = [
            ("when", Words.time(explanation.at)), ("endpoint", explanation.endpoint),
            ("model", explanation.model), ("backend", explanation.backend), ("context", holds),
            ("tier", explanation.tier.rawValue),
            ("topics", explanation.topics.isEmpty ? nil : words(explanation.topics)),
            ("mode", explanation.mode.rawValue),
            ("status", explanation.status.map(String.init)),
        ]
        return facts.compactMap { name, value in
            value.map {
                "  \(name)\(String(repeating: " ", count: 10 - name.count))\(SafeText.line($0))"
            }
        }
    }

    private static func block(_ block: String?, _ style: Style) -> [String] {
        guard let block, !block.isEmpty else {
            return ["Nothing was added to the prompt."]
        }
        let lines = SafeText.lines(block).split(separator: "\n", omittingEmptySubsequences: false)
        return [style.bold("Added to the system prompt:")] + lines.map { "  | \($0)" }
    }

    private static func injected(_ injected: [Directive], _ style: Style) -> [String] {
        guard !injected.isEmpty else { return [] }
        var table = TextTable(["DIMENSION", "VALUE", "SOURCE", "HOLDS"])
        for directive in injected {
            table.add([
                directive.key.dimension.rawValue, directive.value, directive.source.rawValue,
                Words.context(directive.key.context),
            ])
        }
        return [style.bold("From these preferences:"), table.rendered(style)]
    }

    private static func withheld(_ withheld: [WithheldDirective], _ style: Style) -> [String] {
        guard !withheld.isEmpty else { return [] }
        var table = TextTable(["DIMENSION", "VALUE", "WHY"])
        for entry in withheld {
            table.add([entry.key.dimension.rawValue, entry.value, words(entry.reason)])
        }
        return [style.bold("Left out:"), table.rendered(style)]
    }

    private static func ranking(_ ranking: [RankedAnswer]?, _ style: Style) -> [String] {
        guard let ranking else { return [] }
        var table = TextTable(["PLACE", "WAS", "SCORE", "OVER THE FIRST"])
        for (place, answer) in ranking.enumerated() {
            let score = (answer.score * 100).rounded() / 100
            table.add([
                String(place), String(answer.index), String(score),
                "\(Int((answer.overFirst * 100).rounded()))%",
            ])
        }
        return [style.bold("The answers in your order:"), table.rendered(style)]
    }

    private static func rules(_ explanation: Explanation, _ style: Style) -> [String] {
        let unchecked = explanation.unchecked.map { rule in
            "Not checked by \(rule.rule): its model gave no verdict (\(rule.reason)); treated as"
                + " \(rule.treatedAs.rawValue)."
        }
        guard !explanation.rules.isEmpty else { return ["No rule fired."] + unchecked }
        var table = TextTable(["RULE", "ACTION", "WHERE", "CHOICE"])
        for hit in explanation.rules {
            table.add([hit.rule, hit.action, hit.surface, String(hit.choice)])
        }
        return [style.bold("Rules that fired:"), table.rendered(style)] + unchecked
    }

    /// The topics, and what spoke for each.
    private static func words(_ topics: [TopicFinding]) -> String {
        topics.map { finding in
            let reasons = finding.reasons.map { reason in
                switch reason {
                case .phrase: "a phrase of its own"
                case .words: "words together"
                case .learned: "learned weights"
                case .earlier: "the messages before"
                }
            }
            let sure = finding.isSure ? "" : "unsure, "
            return "\(finding.topic) (\(finding.tier.rawValue); \(sure)"
                + "by \(reasons.joined(separator: " and ")))"
        }.joined(separator: ", ")
    }

    private static func words(_ reason: WithheldDirective.Reason) -> String {
        switch reason {
        case .experiment: "left out this once, to learn whether it helps"
        case .dropped: "not used any more: answers with it were received worse (prefctl effects)"
        case .overridden: "one that you set here, or for a narrower context, won"
        case .budget: "the block's budget went to what matters more here"
        case .tier: "the topic's tier does not allow it"
        case .off: "personalization was off for this request"
        case .silent: "its value needs no words"
        case .endpoint: "this endpoint or request has no system prompt"
        }
    }
}
