/// A deterministic automaton for one rule, which runs from one start through the shadow.
///
/// Conditions such as `\b` look at the symbol after them, so that every match is found one symbol
/// late: the transition on a symbol says whether a match ended *before* that symbol.
///
/// A pattern whose automaton would be too large is kept only as deep as the gate looks; from there
/// on `PikeThreads` simulates its `nfa`.
struct RuleAutomaton: Sendable {
    /// A transition: the row of the next state (0: none), and whether a match ended.
    struct Entry: Hashable, Sendable {
        let bits: UInt32

        init(row: Int, endsMatch: Bool) { bits = UInt32(row) << 1 | (endsMatch ? 1 : 0) }

        /// The next state's row, 0 where the pattern can no longer match.
        var row: Int { Int(bits >> 1) }
        /// The same transition where the rows are counted from a base.
        func moved(by base: Int) -> Entry {
            row == 0 ? self : Entry(row: row + base, endsMatch: endsMatch)
        }

        /// Whether a match ended before the symbol.
        var endsMatch: Bool { bits & 1 == 1 }
    }

    /// How many transitions an automaton may have.
    static let transitionLimit = 1 << 21
    /// How many states.
    static let stateLimit = 1 << 15

    /// The classes of symbols that the columns stand for.
    let alphabet: Alphabet
    /// The transitions: row by row, one column for each class.
    let table: [Entry]
    /// For each state, whether a match ends where the text does.
    let matchesAtEnd: [Bool]
    /// For each state, whether a match may end right before whatever comes next.
    let mayEndMatch: [Bool]
    /// The row to begin in, by the kind of the symbol before.
    let startRows: [Int]
    /// How many columns a row has.
    let stride: Int
    /// The simulation for a pattern that is too large, with the NFA states of each kept state.
    let simulated: Simulated?

    /// What a simulation needs to go on from a kept state.
    struct Simulated: Sendable {
        /// The whole pattern.
        let nfa: NFA
        /// For each row of the beginning, the NFA states that it stands for.
        let cores: [Int: [Int]]
        /// For each class, the kind of its symbols.
        let kindOfClass: [SymbolKind]
        /// For each set of the pattern and each class, whether it is in the set.
        let setContainsClass: [[Bool]]

        /// The same where the rows are counted from a base.
        func moved(by base: Int) -> Simulated {
            Simulated(
                nfa: nfa,
                cores: Dictionary(uniqueKeysWithValues: cores.map { ($0.key + base, $0.value) }),
                kindOfClass: kindOfClass,
                setContainsClass: setContainsClass
            )
        }
    }

    /// Compiles an automaton.
    ///
    /// - Parameters:
    ///   - nfa: the pattern.
    ///   - gateDepth: how deep it is kept at least.
    ///   - stateLimit: how many states it may have; beyond that it is simulated.
    init(_ nfa: NFA, gateDepth: Int, stateLimit: Int = Self.stateLimit) {
        var builder = RuleAutomatonBuilder(nfa)
        let complete = builder.build(depthLimit: nil, stateLimit: stateLimit)
        if !complete {
            builder = RuleAutomatonBuilder(nfa)
            _ = builder.build(depthLimit: gateDepth, stateLimit: .max)
        }
        builder.trim(keepingFrontier: !complete)
        alphabet = builder.alphabet
        table = builder.table
        matchesAtEnd = builder.matchesAtEnd
        mayEndMatch = builder.mayEndMatch
        startRows = builder.startRows
        stride = builder.alphabet.count
        simulated =
            complete
            ? nil
            : Simulated(
                nfa: nfa,
                cores: builder.coresByRow,
                kindOfClass: builder.kindOfClass,
                setContainsClass: builder.setContainsClass
            )
    }

    /// The transition from a row on a class.
    func entry(_ row: Int, _ symbolClass: Int) -> Entry { table[row + symbolClass] }

    /// The row to begin in after a symbol of a kind.
    func startRow(after kind: SymbolKind) -> Int { startRows[Int(kind.rawValue)] }

    /// Whether a match ends with the text, in a row.
    func matchesAtEnd(_ row: Int) -> Bool { matchesAtEnd[row / stride] }

    /// Whether a match may end right before whatever comes next, in a row.
    func mayEndMatch(_ row: Int) -> Bool { mayEndMatch[row / stride] }
}
