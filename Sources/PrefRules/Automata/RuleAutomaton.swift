internal import Synchronization

/// A deterministic automaton for one rule, which runs from one start through the shadow.
///
/// Its states are made when a text first leads to them, once for all streams, so that compiling a
/// rule costs what its pattern is long. Conditions such as `\b` look at the symbol after them, so
/// every match is found one symbol late: the transition on a symbol says whether a match ended
/// *before* that symbol. A rule that needs more than `stateLimit` states goes on as a simulation.
///
/// Source: R. Cox, "Regular Expression Matching in the Wild", 2010 (automata built on the fly).
final class RuleAutomaton: Sendable {
    /// A transition.
    struct Entry: Sendable {
        let bits: UInt

        /// The next state; `none` where the pattern can no longer match.
        var state: StateRow { StateRow(bits: bits & ~7) }
        /// Whether a match ended before the symbol.
        var endsMatch: Bool { bits & 1 != 0 }
        /// Whether there is no room for the next state.
        var isFull: Bool { bits == Self.full }

        static let unknown: UInt = 2
        static let full: UInt = 4
    }

    /// How many states an automaton may have.
    static let stateLimit = 4096

    /// The classes of symbols that the columns stand for.
    let alphabet: Alphabet
    /// The whole pattern.
    let nfa: NFA
    /// For each class, the kind of its symbols.
    let kindOfClass: [SymbolKind]
    /// For each set of the pattern and each class, whether it is in the set.
    let setContainsClass: [[Bool]]

    private let starts: [StateRow]
    private let noStates: RuleStates
    private let states: Mutex<RuleStates>

    /// Prepares an automaton.
    init(_ nfa: NFA, stateLimit: Int = RuleAutomaton.stateLimit) {
        let alphabet = Alphabet(sets: nfa.sets, splittingKinds: nfa.hasAssertions)
        let setContainsClass = nfa.sets.map { set in alphabet.representatives.map(set.contains) }
        let kindOfClass = alphabet.representatives.map { symbol in
            nfa.hasAssertions ? SymbolKind(symbol) : .other
        }
        let empty = RuleStates(
            nfa: nfa,
            kindOfClass: kindOfClass,
            classesOfSet: setContainsClass.map { row in row.indices.filter { row[$0] } },
            limit: stateLimit
        )
        var states = empty
        starts = SymbolKind.allCases.map { states.start(after: $0) }
        noStates = empty
        self.nfa = nfa
        self.alphabet = alphabet
        self.kindOfClass = kindOfClass
        self.setContainsClass = setContainsClass
        self.states = Mutex(states)
    }

    deinit { states.withLock { $0.deallocate() } }

    /// Where a match begins after a symbol of a kind.
    func start(after kind: SymbolKind) -> StateRow { starts[Int(kind.rawValue)] }

    /// The transition from a state on a class.
    func entry(_ state: StateRow, _ symbolClass: Int) -> Entry {
        let known = state[RuleStates.headWords + symbolClass]
        if known != Entry.unknown { return Entry(bits: known) }
        return Entry(bits: states.withLock { $0.fill(state, symbolClass, asksForMore: false) })
    }

    /// The same, with room for the next state in any case.
    func forcedEntry(_ state: StateRow, _ symbolClass: Int) -> Entry {
        let known = entry(state, symbolClass)
        guard known.isFull else { return known }
        return Entry(bits: states.withLock { $0.fill(state, symbolClass, asksForMore: true) })
    }

    /// Whether a match ends with the text.
    func matchesAtEnd(_ state: StateRow) -> Bool { ending(state) & RuleStates.matchesAtEnd != 0 }

    /// Whether a match may end right before whatever comes next.
    func mayEndMatch(_ state: StateRow) -> Bool { ending(state) & RuleStates.mayEndMatch != 0 }

    /// Whether a symbol of the match itself, behind its context, has been taken.
    func isInMatch(_ state: StateRow) -> Bool { state[0] & RuleStates.isInMatch != 0 }

    /// The NFA states that a state stands for.
    func core(_ state: StateRow) -> [Int] { states.withLock { $0.core(state) } }

    /// Whether it stays within its limit whatever the text is.
    ///
    /// If need be all its states are made for that, and given back: a text meets few of them.
    func fitsItsLimit() -> Bool {
        var trial = noStates
        defer { trial.deallocate() }
        return trial.isOneToOne || trial.makeAll()
    }

    private func ending(_ state: StateRow) -> UInt {
        let known = state[1]
        return known != Entry.unknown ? known : states.withLock { $0.findEnding(of: state) }
    }
}
