/// What is to be done about one stretch of a channel's text.
///
/// Verdicts that change text (`block`, `redact`, `replace`) never overlap one another and come in
/// the order of the text. `append` and `flag` verdicts change nothing in their range, which may
/// overlap others and may lie before what has already left.
public struct Verdict: Sendable, Hashable {
    /// UTF-8 byte offsets into the channel's text, on scalar boundaries.
    public let range: Range<Int>
    /// What to do: the strictest action of the rules that matched.
    public let action: RuleAction
    /// The ids of the rules that matched here, the one whose action counts first.
    public let ruleIDs: [String]

    /// Makes a verdict.
    public init(range: Range<Int>, action: RuleAction, ruleIDs: [String]) {
        self.range = range
        self.action = action
        self.ruleIDs = ruleIDs
    }
}
