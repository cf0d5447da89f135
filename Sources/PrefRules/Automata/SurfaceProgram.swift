/// Everything that the matcher of one surface needs, compiled once and shared by all streams.
final class SurfaceProgram: Sendable {
    /// What the matcher needs to know of a rule.
    final class RuleTraits: Sendable {
        /// The rule's index in its rule set.
        let index: Int
        /// Its automaton.
        let automaton: RuleAutomaton
        /// The automaton's class for each column.
        let classOfColumn: [UInt16]
        /// How many symbols a match may have at most.
        let longestMatch: Int
        /// Whether text must be held while it may match.
        let holds: Bool
        /// What a match must pass besides.
        let validators: [any Validator]

        /// Whether validators look at its matches.
        let isValidated: Bool
        /// Whether its match begins behind a context.
        let hasContext: Bool

        fileprivate init(_ pattern: CompiledPattern, _ columns: SymbolColumns) {
            let classOfJoined = columns.alphabet.classes(in: pattern.automaton.alphabet)
            index = pattern.index
            automaton = pattern.automaton
            classOfColumn = columns.joined.map { classOfJoined[$0] }
            longestMatch = pattern.longestMatch
            holds = pattern.holds
            validators = pattern.validators
            isValidated = !pattern.validators.isEmpty
            hasContext = pattern.automaton.nfa.matchStart != nil
        }
    }

    /// The rules, in the order of their rule set.
    let traits: [RuleTraits]
    /// The columns that all rules have in common.
    let columns: SymbolColumns
    /// Where no match can begin.
    let filter: StartFilter
    /// What becomes of a place where one can.
    let beginnings: Beginnings
    /// For each encoding that rules look into, and for all of them together, the program of the rules
    /// that see through them.
    let encoded: [Set<EncodedRun.Encoding>: SurfaceProgram]

    /// Joins the rules of one surface.
    ///
    /// - Parameters:
    ///   - patterns: the rules.
    ///   - looksInside: whether encoded text is looked into.
    ///   - nodeLimit: how many nodes the rules' beginnings may have.
    init(
        _ patterns: [CompiledPattern],
        looksInside: Bool = true,
        nodeLimit: Int = BeginningNodes.nodeLimit
    ) {
        let columns = SymbolColumns(patterns.map(\.automaton.alphabet))
        traits = patterns.map { RuleTraits($0, columns) }
        self.columns = columns
        filter = StartFilter(patterns.map(\.startPaths))
        beginnings = Beginnings(
            traits.map {
                BeginningNodes.PlacedRule(
                    automaton: $0.automaton,
                    classOfColumn: $0.classOfColumn,
                    holds: $0.holds
                )
            },
            columns,
            nodeLimit: nodeLimit
        )
        var encoded: [Set<EncodedRun.Encoding>: SurfaceProgram] = [:]
        if looksInside {
            for encodings: Set<EncodedRun.Encoding> in [[.base64], [.hex], [.base64, .hex]] {
                let inside = patterns.filter {
                    $0.seeThrough.isSuperset(of: encodings.map(\.seeThrough))
                }
                guard !inside.isEmpty else { continue }
                encoded[encodings] = SurfaceProgram(inside, looksInside: false)
            }
        }
        self.encoded = encoded
    }
}
