/// Runs a rule whose automaton is too large to be made deterministic: one thread for each NFA
/// state, with the earliest start from which that state can be reached.
///
/// A later start in the same state has the same future, so that nothing it could still match would
/// lie outside the earlier one's match. Time and memory are bounded by the pattern's size.
///
/// Source: R. Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009 (Pike's VM).
struct SimulatedRule: Sendable {
    /// One state.
    private struct Thread {
        let state: Int
        let start: Int
        let startIndex: Int
    }

    private let simulated: RuleAutomaton.Simulated
    private var threads: [Thread] = []
    private var next: [Thread] = []
    private var stamps: [UInt32]
    private var stamp: UInt32 = 0
    private var closure: NFAClosure

    init(_ simulated: RuleAutomaton.Simulated) {
        self.simulated = simulated
        stamps = [UInt32](repeating: 0, count: simulated.nfa.instructions.count)
        closure = NFAClosure(of: simulated.nfa)
    }

    /// Where the oldest thread began.
    var oldestStart: Int? { threads.first?.start }

    /// Begins where the gate came to: the NFA states of the automaton's state.
    mutating func begin(atRow row: Int, start: Int, startIndex: Int) {
        for state in simulated.cores[row] ?? []
        where !threads.contains(where: { $0.state == state && $0.start <= start }) {
            threads.append(Thread(state: state, start: start, startIndex: startIndex))
        }
    }

    /// Takes one symbol, or the end of the text.
    ///
    /// - Parameters:
    ///   - symbolClass: the symbol's class, or nil at the end of the text.
    ///   - previous: the kind of the symbol before.
    ///   - report: called with the start of each match that ends before the symbol.
    mutating func step(
        on symbolClass: Int?,
        after previous: SymbolKind,
        report: (_ start: Int) -> Void
    ) {
        let nfa = simulated.nfa
        let kind = symbolClass.map { simulated.kindOfClass[$0] } ?? .edge
        closure.clear()
        stamp += 1
        next.removeAll(keepingCapacity: true)
        var reported = false
        for thread in threads {
            let known = closure.consuming.count
            closure.add(thread.state, of: nfa, between: previous, and: kind)
            if closure.matches, !reported {
                report(thread.start)
                reported = true
            }
            guard let symbolClass else { continue }
            for consuming in closure.consuming[known...] {
                guard case .consume(let set, let target) = nfa.instructions[consuming],
                    simulated.setContainsClass[set][symbolClass], stamps[target] != stamp
                else { continue }
                stamps[target] = stamp
                next.append(
                    Thread(
                        state: target,
                        start: thread.start,
                        startIndex: thread.startIndex
                    )
                )
            }
        }
        swap(&threads, &next)
    }

    /// Ends threads that began before a place.
    mutating func expire(startIndexBefore index: Int, startBefore start: Int) {
        threads.removeAll { $0.startIndex < index || $0.start < start }
    }
}
