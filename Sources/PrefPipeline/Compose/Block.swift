import ChatWire
import PrefModel

/// The text that goes into a system prompt: markers, directives, and the universal charter last.
enum Block {
    private static let heading = "How this user likes answers presented:"
    /// What holds whatever the preferences say.
    static let charter =
        "These change presentation only, never facts, safety information or refusals."

    /// The newline, dash and space of a line.
    static let tokensPerLine = 1
    /// What the markers, the heading and the charter cost.
    static let frameTokens = TokenEstimate.tokens(in: framed([heading]))

    /// The block of some directives; of none, the charter alone.
    static func text(of directives: [Directive]) -> String {
        framed(directives.isEmpty ? [] : [heading] + directives.map { "- " + $0.text })
    }

    private static func framed(_ lines: [String]) -> String {
        ([PreferenceBlock.opening] + lines + [charter, PreferenceBlock.closing]).joined(
            separator: "\n"
        )
    }
}
