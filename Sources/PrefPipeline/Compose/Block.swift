import ChatWire
import PrefModel

/// The text that goes into a system prompt: markers, directives, and the universal charter last.
enum Block {
    private static let heading = "How this user likes answers presented:"
    /// What holds whatever the preferences say.
    static let charter =
        "These change presentation only, never facts, safety information or refusals."

    /// What is asked for on a safeguarded topic.
    static let balance =
        "This topic is sensitive or contested: where people differ, present the main views fairly"
        + " and take no side."

    /// The newline, dash and space of a line.
    static let tokensPerLine = 1
    /// What the markers, the heading and the charter cost.
    static let frameTokens = TokenEstimate.tokens(in: framed([heading]))
    /// What the line about balance costs.
    static let balanceTokens = TokenEstimate.tokens(in: balance) + tokensPerLine

    /// The block of some directives; of none, the charter alone.
    ///
    /// Balanced, as on a safeguarded topic, it also asks for the main views.
    static func text(of directives: [Directive], isBalanced: Bool = false) -> String {
        let lines = directives.isEmpty ? [] : [heading] + directives.map { "- " + $0.text }
        return framed(isBalanced ? lines + [balance] : lines)
    }

    /// The short form of some directives, for a message of its own; nil of none.
    ///
    /// Without markers: a request has one block, and this is not another.
    static func reminder(of directives: [Directive], isBalanced: Bool = false) -> String? {
        guard !directives.isEmpty else { return nil }
        let settings = directives.map { directive in
            let name = directive.key.dimension.rawValue.replacing("-", with: " ")
            return "\(name): \(directive.value)"
        }
        return "Reminder of how this user likes answers presented: "
            + settings.joined(separator: "; ") + ". " + (isBalanced ? balance + " " : "")
            + charter
    }

    private static func framed(_ lines: [String]) -> String {
        ([PreferenceBlock.opening] + lines + [charter, PreferenceBlock.closing]).joined(
            separator: "\n"
        )
    }
}
