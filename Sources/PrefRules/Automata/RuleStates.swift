/// The states of one rule's automaton, made by the subset construction one at a time.
///
/// A row has its number and flags, how a match may end there, and a transition for each class.
struct RuleStates: Sendable {
    /// A state: NFA states before their closure, and the kind of the symbol before.
    private struct Key: Hashable {
        let core: [Int]
        let kind: SymbolKind
    }

    static let headWords = 2
    static let isInMatch: UInt = 1
    static let matchesAtEnd: UInt = 8
    static let mayEndMatch: UInt = 16

    private let nfa: NFA
    private let kindOfClass: [SymbolKind]
    private let classesOfSet: [[Int]]
    private let limit: Int
    private var keys: [Key] = []
    private var rows: [StateRow] = []
    private var stateOf: [Key: Int] = [:]
    private var closure: NFAClosure
    // For each class, where the state that is being filled goes.
    private var targets: [[Int]]

    init(nfa: NFA, kindOfClass: [SymbolKind], classesOfSet: [[Int]], limit: Int) {
        self.nfa = nfa
        self.kindOfClass = kindOfClass
        self.classesOfSet = classesOfSet
        self.limit = limit
        closure = NFAClosure(of: nfa)
        targets = [[Int]](repeating: [], count: kindOfClass.count)
    }

    func deallocate() {
        for row in rows { row.deallocate() }
    }

    /// Where a match begins after a symbol of a kind.
    mutating func start(after kind: SymbolKind) -> StateRow {
        state([nfa.start], after: kind, asksForMore: true) ?? .none
    }

    /// The NFA states that a state stands for.
    func core(_ row: StateRow) -> [Int] { keys[Int(row[0] >> 1)].core }

    /// Writes the transitions of a state that belong to the same kind as a class; gives the one
    /// that was asked for.
    mutating func fill(_ row: StateRow, _ symbolClass: Int, asksForMore: Bool) -> UInt {
        let place = Self.headWords + symbolClass
        let known = row[place]
        // Another thread may have been here before.
        let isDone =
            known != RuleAutomaton.Entry.unknown
            && !(asksForMore && known == RuleAutomaton.Entry.full)
        if isDone { return known }
        let key = keys[Int(row[0] >> 1)]
        if looksAhead(key) {
            let kind = kindOfClass[symbolClass]
            close(key, before: kind)
            fill(row, only: kind, asksForMore)
        } else {
            close(key, before: .other)
            fill(row, only: nil, asksForMore)
        }
        return row[place]
    }

    /// Finds out how a match may end in a state.
    mutating func findEnding(of row: StateRow) -> UInt {
        let key = keys[Int(row[0] >> 1)]
        close(key, before: .edge)
        var ending: UInt = closure.matches ? Self.matchesAtEnd | Self.mayEndMatch : 0
        if looksAhead(key) {
            for kind in SymbolKind.allCases where ending & Self.mayEndMatch == 0 {
                close(key, before: kind)
                if closure.matches { ending |= Self.mayEndMatch }
            }
        }
        row[1] = ending
        return ending
    }

    /// Whether every state stands for one NFA state, so that there are no more than of those.
    var isOneToOne: Bool {
        mutating get {
            let targets = nfa.instructions.compactMap { instruction -> Int? in
                guard case .consume(_, let next) = instruction else { return nil }
                return next
            }
            let kinds = SymbolKind.allCases
            guard targets.count * kinds.count < limit else { return false }
            for state in Set(targets + [nfa.start]) {
                // Between two of the kind `either` both `\b` and `\B` hold.
                let places =
                    nfa.leadsToCheck[state]
                    ? kinds.flatMap { kind in [.either, .newline, .edge].map { (kind, $0) } }
                    : [(SymbolKind.either, SymbolKind.either)]
                for (kind, next) in places {
                    close(Key(core: [state], kind: kind), before: next)
                    guard goesOneWay() else { return false }
                }
            }
            return true
        }
    }

    /// Makes all states; false if there are too many.
    mutating func makeAll() -> Bool {
        for kind in SymbolKind.allCases { _ = start(after: kind) }
        var next = 0
        while next < keys.count {
            for symbolClass in kindOfClass.indices {
                if fill(rows[next], symbolClass, asksForMore: false) == RuleAutomaton.Entry.full {
                    return false
                }
            }
            next += 1
        }
        return true
    }

    private func goesOneWay() -> Bool {
        var seen: Set<Int> = []
        for consuming in closure.consuming {
            guard case .consume(let set, _) = nfa.instructions[consuming] else { continue }
            for symbolClass in classesOfSet[set] {
                guard seen.insert(symbolClass).inserted else { return false }
            }
        }
        return true
    }

    private func looksAhead(_ key: Key) -> Bool {
        nfa.hasAssertions && key.core.contains { nfa.leadsToCheck[$0] }
    }

    private mutating func close(_ key: Key, before next: SymbolKind) {
        closure.clear()
        for state in key.core { closure.add(state, of: nfa, between: key.kind, and: next) }
    }

    private mutating func fill(_ row: StateRow, only kind: SymbolKind?, _ asksForMore: Bool) {
        for consuming in closure.consuming {
            guard case .consume(let set, let next) = nfa.instructions[consuming] else { continue }
            for symbolClass in classesOfSet[set] { targets[symbolClass].append(next) }
        }
        let ends: UInt = closure.matches ? 1 : 0
        // Classes that lead to the same place come in turn: most need no look-up.
        var last: (targets: [Int], kind: SymbolKind, bits: UInt)?
        for symbolClass in kindOfClass.indices {
            guard kind == nil || kindOfClass[symbolClass] == kind else {
                targets[symbolClass].removeAll(keepingCapacity: true)
                continue
            }
            var bits: UInt = 0
            if !targets[symbolClass].isEmpty {
                if let last, last.kind == kindOfClass[symbolClass],
                    last.targets == targets[symbolClass]
                {
                    bits = last.bits
                } else {
                    bits = target(symbolClass, asksForMore)
                    last = (targets[symbolClass], kindOfClass[symbolClass], bits)
                }
                targets[symbolClass].removeAll(keepingCapacity: true)
            }
            let isFull = bits == RuleAutomaton.Entry.full
            row[Self.headWords + symbolClass] = isFull ? bits : bits | ends
        }
    }

    private mutating func target(_ symbolClass: Int, _ asksForMore: Bool) -> UInt {
        let targets = targets[symbolClass]
        let core = targets.count == 1 ? targets : Set(targets).sorted()
        let row = state(core, after: kindOfClass[symbolClass], asksForMore: asksForMore)
        return row?.bits ?? RuleAutomaton.Entry.full
    }

    /// The state's row; nil where there is no room for a new one.
    private mutating func state(
        _ core: [Int],
        after kind: SymbolKind,
        asksForMore: Bool
    ) -> StateRow? {
        // The kind of the symbol before matters only to conditions.
        let matters = nfa.hasAssertions && core.contains { nfa.leadsToCheck[$0] }
        let key = Key(core: core, kind: matters ? kind : .other)
        if let known = stateOf[key] { return rows[known] }
        guard asksForMore || keys.count < limit else { return nil }
        let row = StateRow.allocate(
            Self.headWords + kindOfClass.count,
            word: RuleAutomaton.Entry.unknown
        )
        var inMatch = true
        if let matchStart = nfa.matchStart { inMatch = core.contains { $0 < matchStart } }
        row[0] = UInt(keys.count) << 1 | (inMatch ? Self.isInMatch : 0)
        stateOf[key] = keys.count
        keys.append(key)
        rows.append(row)
        return row
    }
}
