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
        let contextIndex: Int
    }

    private let automaton: RuleAutomaton
    private var threads: [Thread] = []
    private var next: [Thread] = []
    private var stamps: [UInt32]
    private var stamp: UInt32 = 0
    private var closure: NFAClosure

    init(_ automaton: RuleAutomaton) {
        self.automaton = automaton
        stamps = [UInt32](repeating: 0, count: automaton.nfa.instructions.count)
        closure = NFAClosure(of: automaton.nfa)
    }

    /// Whether no thread is left.
    var isOver: Bool { threads.isEmpty }

    /// Where the oldest match that has begun does.
    var oldestStart: Int? {
        threads.lazy.map(\.start).min().flatMap { $0 == Runner.notBegun ? nil : $0 }
    }

    /// Goes on from the NFA states of one start.
    mutating func begin(_ states: [Int], start: Int, contextIndex: Int) {
        for state in states
        where !threads.contains(where: { $0.state == state && $0.start <= start }) {
            threads.append(Thread(state: state, start: start, contextIndex: contextIndex))
        }
        threads.sort { ($0.start, $0.contextIndex) < ($1.start, $1.contextIndex) }
    }

    /// Takes one symbol, or the end of the text.
    ///
    /// - Parameters:
    ///   - symbolClass: the symbol's class, or nil at the end of the text.
    ///   - previous: the kind of the symbol before.
    ///   - offset: where the symbol begins.
    ///   - report: called with the start of each match that ends before the symbol.
    mutating func step(
        on symbolClass: Int?,
        after previous: SymbolKind,
        at offset: Int,
        report: (_ start: Int) -> Void
    ) {
        let nfa = automaton.nfa
        let kind = symbolClass.map { automaton.kindOfClass[$0] } ?? .edge
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
                    automaton.setContainsClass[set][symbolClass], stamps[target] != stamp
                else { continue }
                stamps[target] = stamp
                let begins =
                    thread.start == Runner.notBegun && target < (nfa.matchStart ?? 0)
                next.append(
                    Thread(
                        state: target,
                        start: begins ? offset : thread.start,
                        contextIndex: thread.contextIndex
                    )
                )
            }
        }
        swap(&threads, &next)
    }

    /// Ends threads that began before a place.
    mutating func expire(contextIndexBefore index: Int, startBefore start: Int) {
        threads.removeAll { $0.contextIndex < index || $0.start < start }
    }
}
