/// All rules on their way from one start, before they go on by themselves.
struct Begun: Sendable {
    /// Where they stand.
    var node: StateRow
    /// Where the start is, in bytes.
    let start: Int
    /// And in symbols.
    let startIndex: Int
}

/// One rule's automaton on its way from one start.
struct Runner: Sendable {
    /// The rule's index in its surface.
    let rule: Int
    /// Where the automaton stands; `none` once it is done.
    var state: StateRow
    /// Where it began, in symbols: the match itself or its context.
    let contextIndex: Int
    /// Where the match begins, in bytes; none while only its context has been seen.
    var start: Int
    /// And in symbols.
    var startIndex: Int
    /// Where the longest match so far ends, or -1.
    var longestEnd = -1
    /// The lengths of all matches so far, where validators will look at them.
    var lengths = LengthSet()

    /// Stands for the start of a match that has not begun.
    static let notBegun = Int.max

    /// Whether the match itself has begun.
    var hasBegun: Bool { start != Self.notBegun }
}
