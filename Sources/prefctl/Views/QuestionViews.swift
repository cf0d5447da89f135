internal import PrefControl
internal import PrefModel

/// Questions, and what their answers have taught.
enum QuestionViews {
    /// The next question with how to answer it, or that there is none.
    static func state(_ state: Elicited, _ style: Style) -> String {
        guard let question = state.question else { return ending(state, style) }
        return self.question(question, number: state.answered + 1, style)
            + "\nAnswer it: prefctl ask --question \(SafeText.line(question.id)) --choice first"
    }

    /// A question with its two answers.
    static func question(_ question: Question, number: Int, _ style: Style) -> String {
        let frame = [("1", question.first), ("2", question.second)]
        var lines = ["", style.bold("\(number). \(SafeText.line(question.prompt))")]
        for (name, text) in frame {
            lines.append("")
            lines += SafeText.lines(text).split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
                .map { index, line in (index == 0 ? "  \(name) | " : "    | ") + line }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What has been learned so far.
    static func ending(_ state: Elicited, _ style: Style) -> String {
        let asked = "\(state.answered) \(state.answered == 1 ? "question" : "questions") answered."
        let open = state.question == nil ? " There is nothing more worth asking." : ""
        guard !state.learned.isEmpty else {
            return asked + open + " Nothing is sure enough to be used yet."
        }
        return "\(asked)\(open) What prefd has learned of you and uses:\n"
            + learned(state.learned, style)
            + "\nSee why: prefctl why DIMENSION. What you set yourself always wins: prefctl set."
    }

    /// A table of what was learned.
    static func learned(_ entries: [LearnedEntry], _ style: Style) -> String {
        var table = TextTable(["DIMENSION", "VALUE", "HOLDS", "SURE", "SIGNALS"])
        for entry in entries {
            let counts = entry.evidence.reduce((0, 0)) { ($0.0 + $1.forIt, $0.1 + $1.against) }
            table.add([
                entry.dimension.rawValue, entry.value, Words.context(entry.context),
                "\(Int((100 * entry.probability).rounded(.down)))%",
                "\(counts.0) for, \(counts.1) against",
            ])
        }
        return table.rendered(style)
    }
}
