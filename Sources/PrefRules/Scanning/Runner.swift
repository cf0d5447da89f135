/// One rule's automaton on its way from one start.
struct Runner: Sendable {
    /// The rule's index in its surface.
    let rule: Int
    /// Where the automaton stands; 0 once it is done.
    var row: Int
    /// Where the match begins, in bytes.
    let start: Int
    /// And in symbols.
    let startIndex: Int
    /// Where the longest match so far ends, or -1.
    var longestEnd = -1
    /// The lengths of all matches so far, where validators will look at them.
    var lengths = LengthSet()
}

/// The last few symbols, newest first.
struct RecentSymbols: Sendable {
    private var pieces: [ShadowPiece]

    init() {
        let none = ShadowPiece(scalar: 0, start: 0, end: 0)
        pieces = [ShadowPiece](repeating: none, count: Gate.greatestDepth)
    }

    /// The symbol that came `age` symbols ago; the last one is 1.
    subscript(age age: Int) -> ShadowPiece { pieces[age - 1] }

    /// The symbols, oldest first.
    var oldestFirst: ReversedCollection<[ShadowPiece]> { pieces.reversed() }

    /// Adds the newest.
    mutating func push(_ piece: ShadowPiece) {
        for index in stride(from: pieces.count - 1, to: 0, by: -1) {
            pieces[index] = pieces[index - 1]
        }
        pieces[0] = piece
    }

    /// Moves the end of the newest.
    mutating func extendNewest(to end: Int) { pieces[0].end = end }
}
