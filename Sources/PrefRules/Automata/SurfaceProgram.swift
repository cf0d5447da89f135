/// Everything that the matcher of one surface needs, compiled once and shared by all streams.
///
/// The automata of all rules lie in one table, so that a step is a few look-ups in plain arrays.
final class SurfaceProgram: Sendable {
    /// What the matcher needs to know of a rule.
    struct RuleTraits: Sendable {
        /// The rule's index in its rule set.
        let index: Int
        /// Where the rule's classes begin in `classOfColumn`.
        let classBase: Int
        /// How many symbols a match may have at most.
        let longestMatch: Int
        /// Whether text must be held while it may match.
        let holds: Bool
        /// Whether validators look at its matches.
        let isValidated: Bool
        /// Whether its automaton is only a beginning.
        let isSimulated: Bool
    }

    /// The rules, in the order of their rule set.
    let traits: [RuleTraits]
    /// For each rule and column, the class in the rule's automaton.
    let classOfColumn: [UInt16]
    /// The automata, one after the other; rows are counted through, and 0 is none.
    let transitions: [RuleAutomaton.Entry]
    /// For each place where a row begins, whether a match ends there with the text.
    let matchesAtEnd: Set<Int>
    /// For each rule, what a match must pass besides.
    let validators: [[any Validator]]
    /// For each rule whose automaton is only a beginning, how it goes on.
    let simulated: [Int: RuleAutomaton.Simulated]
    /// The columns of all tables.
    let columns: SymbolColumns
    /// Where rules begin.
    let gate: Gate

    /// Joins the rules of one surface.
    init(_ patterns: [CompiledPattern]) {
        let columns = SymbolColumns(patterns.map(\.automaton.alphabet))
        self.columns = columns
        var traits: [RuleTraits] = []
        var classOfColumn: [UInt16] = []
        var transitions = [RuleAutomaton.Entry(row: 0, endsMatch: false)]
        var matchesAtEnd: Set<Int> = []
        var simulated: [Int: RuleAutomaton.Simulated] = [:]
        var placed: [GateBuilder.PlacedRule] = []
        for (rule, pattern) in patterns.enumerated() {
            let automaton = pattern.automaton
            let classOfJoined = columns.alphabet.representatives.map(automaton.alphabet.class)
            let base = transitions.count
            traits.append(
                RuleTraits(
                    index: pattern.index,
                    classBase: classOfColumn.count,
                    longestMatch: pattern.longestMatch,
                    holds: pattern.holds,
                    isValidated: !pattern.validators.isEmpty,
                    isSimulated: automaton.simulated != nil
                )
            )
            classOfColumn += columns.joined.map { UInt16(classOfJoined[$0]) }
            transitions += automaton.table.map { $0.moved(by: base) }
            for (state, matches) in automaton.matchesAtEnd.enumerated() where matches {
                matchesAtEnd.insert(base + state * automaton.stride)
            }
            simulated[rule] = automaton.simulated?.moved(by: base)
            placed.append(
                GateBuilder.PlacedRule(
                    automaton: automaton,
                    base: base,
                    classOfJoined: classOfJoined,
                    holds: pattern.holds
                )
            )
        }
        self.traits = traits
        self.classOfColumn = classOfColumn
        self.transitions = transitions
        self.matchesAtEnd = matchesAtEnd
        self.simulated = simulated
        validators = patterns.map(\.validators)
        gate = GateBuilder.build(placed, columns)
    }
}
