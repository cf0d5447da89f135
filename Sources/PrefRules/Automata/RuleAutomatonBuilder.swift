/// Builds the deterministic automaton of one rule by the subset construction.
struct RuleAutomatonBuilder {
    /// A state: NFA states before their closure, and the kind of the symbol before.
    struct Key: Hashable {
        let core: [Int]
        let kind: SymbolKind
    }

    let alphabet: Alphabet
    let kindOfClass: [SymbolKind]
    let setContainsClass: [[Bool]]
    private(set) var table: [RuleAutomaton.Entry] = []
    private(set) var matchesAtEnd: [Bool] = []
    private(set) var startRows: [Int] = []

    /// For each row, the NFA states that it stands for.
    var coresByRow: [Int: [Int]] {
        var result: [Int: [Int]] = [:]
        for (state, key) in keys.enumerated() { result[state * alphabet.count] = key.core }
        return result
    }

    private var keys: [Key] = []
    private let nfa: NFA
    private let classesOfSet: [[Int]]
    private var stateOf: [Key: Int] = [:]
    private var closure: NFAClosure
    private var expanded = 0
    // For each class, where the state that is being expanded goes.
    private var targets: [[Int]]

    /// For each state, whether a match may end right before whatever comes next.
    var mayEndMatch: [Bool] {
        keys.indices.map { state in
            let row = state * alphabet.count
            return matchesAtEnd[state]
                || table[row..<(row + alphabet.count)].contains(where: \.endsMatch)
        }
    }

    init(_ nfa: NFA) {
        self.nfa = nfa
        closure = NFAClosure(of: nfa)
        let alphabet = Alphabet(sets: nfa.sets, splittingKinds: nfa.hasAssertions)
        self.alphabet = alphabet
        targets = [[Int]](repeating: [], count: alphabet.count)
        setContainsClass = nfa.sets.map { set in alphabet.representatives.map(set.contains) }
        classesOfSet = setContainsClass.map { row in row.indices.filter { row[$0] } }
        kindOfClass = alphabet.representatives.map { symbol in
            nfa.hasAssertions ? SymbolKind(symbol) : .other
        }
    }

    /// Makes all states, or those up to a depth; false if there are too many.
    mutating func build(depthLimit: Int?, stateLimit: Int) -> Bool {
        // State 0 is where nothing can match any more.
        _ = state([], after: .other)
        startRows = SymbolKind.allCases.map { kind in
            state([nfa.start], after: kind) * alphabet.count
        }
        var depth = 0
        while expanded < keys.count {
            let end = keys.count
            if let depthLimit, depth == depthLimit { break }
            while expanded < end {
                expand(expanded)
                expanded += 1
                if depthLimit == nil,
                    keys.count > stateLimit
                        || table.count > RuleAutomaton.transitionLimit
                {
                    return false
                }
            }
            depth += 1
        }
        return true
    }

    /// Turns transitions to states from which no match can be reached into endings.
    mutating func trim(keepingFrontier: Bool) {
        let stride = alphabet.count
        var sources = [[Int]](repeating: [], count: keys.count)
        var live = [Bool](repeating: false, count: keys.count)
        var pending: [Int] = []
        for state in keys.indices {
            var matches = matchesAtEnd[state] || (keepingFrontier && state >= expanded)
            for entry in table[(state * stride)..<((state + 1) * stride)] {
                if entry.endsMatch { matches = true }
                if entry.row != 0 { sources[entry.row / stride].append(state) }
            }
            if matches && state != 0 {
                live[state] = true
                pending.append(state)
            }
        }
        while let state = pending.popLast() {
            for source in sources[state] where !live[source] {
                live[source] = true
                pending.append(source)
            }
        }
        for index in table.indices where table[index].row != 0 {
            if !live[table[index].row / stride] {
                table[index] = RuleAutomaton.Entry(row: 0, endsMatch: table[index].endsMatch)
            }
        }
        startRows = startRows.map { live[$0 / stride] ? $0 : 0 }
    }

    private mutating func state(_ core: [Int], after kind: SymbolKind) -> Int {
        // The kind of the symbol before matters only to conditions.
        let matters = core.contains { nfa.leadsToCheck[$0] }
        let key = Key(core: core, kind: matters ? kind : .other)
        if let known = stateOf[key] { return known }
        let index = keys.count
        stateOf[key] = index
        keys.append(key)
        matchesAtEnd.append(false)
        table.append(
            contentsOf: repeatElement(
                RuleAutomaton.Entry(row: 0, endsMatch: false),
                count: alphabet.count
            )
        )
        return index
    }

    private mutating func close(_ key: Key, before next: SymbolKind) {
        closure.clear()
        for state in key.core { closure.add(state, of: nfa, between: key.kind, and: next) }
    }

    private mutating func expand(_ index: Int) {
        let key = keys[index]
        guard !key.core.isEmpty else { return }
        close(key, before: .edge)
        matchesAtEnd[index] = closure.matches
        if key.core.contains(where: { nfa.leadsToCheck[$0] }) {
            for kind in SymbolKind.allCases where kind != .edge {
                close(key, before: kind)
                fillRow(index, only: kind)
            }
        } else {
            fillRow(index, only: nil)
        }
    }

    /// Writes a state's transitions on the symbols of one kind, or of all.
    private mutating func fillRow(_ index: Int, only kind: SymbolKind?) {
        for consuming in closure.consuming {
            guard case .consume(let set, let next) = nfa.instructions[consuming] else { continue }
            for symbolClass in classesOfSet[set] { targets[symbolClass].append(next) }
        }
        let matches = closure.matches
        for symbolClass in 0..<alphabet.count {
            if kind == nil || kindOfClass[symbolClass] == kind {
                var row = 0
                if targets[symbolClass].count == 1 {
                    row = state(targets[symbolClass], after: kindOfClass[symbolClass])
                } else if !targets[symbolClass].isEmpty {
                    let core = Set(targets[symbolClass]).sorted()
                    row = state(core, after: kindOfClass[symbolClass])
                }
                table[index * alphabet.count + symbolClass] = RuleAutomaton.Entry(
                    row: row * alphabet.count,
                    endsMatch: matches
                )
            }
            targets[symbolClass].removeAll(keepingCapacity: true)
        }
    }
}
