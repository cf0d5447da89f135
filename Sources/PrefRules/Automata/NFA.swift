/// A nondeterministic automaton for one pattern.
///
/// Source: K. Thompson, "Regular expression search algorithm", CACM 11(6), 1968.
struct NFA: Sendable {
    /// One state.
    enum Instruction: Sendable {
        /// Consumes a symbol of the set.
        case consume(set: Int, next: Int)
        /// Goes on both ways.
        case split(Int, Int)
        /// Goes on where the condition holds.
        case check(Assertion, next: Int)
        /// Goes on; what was consumed up to here is context, and the match begins.
        case beginMatch(next: Int)
        /// The pattern has matched.
        case match
    }

    /// How many states a regular expression may have once its counts are written out.
    static let regexLimit = 6_000
    /// How many a list of literals may have.
    static let literalLimit = 400_000

    /// The states.
    private(set) var instructions: [Instruction] = [.match]
    /// The sets that instructions refer to.
    private(set) var sets: [SymbolSet] = []
    /// Where it begins.
    private(set) var start = 0
    /// The state where the match begins, if there is context in front of it: all states with lower
    /// numbers lie in the match.
    private(set) var matchStart: Int?
    /// Whether any condition occurs.
    private(set) var hasAssertions = false
    /// For each state, whether a condition can be reached from it without consuming a symbol.
    private(set) var leadsToCheck: [Bool] = []

    private let limit: Int
    private var indexOfSet: [SymbolSet: Int] = [:]

    /// Builds the automaton.
    init(_ pattern: PatternNode, limit: Int) throws(PatternError) {
        self.limit = limit
        start = try add(pattern, before: 0)
        if matchStart == start { matchStart = nil }
        indexOfSet = [:]
        leadsToCheck = findChecks()
    }

    private func findChecks() -> [Bool] {
        var found = [Bool](repeating: false, count: instructions.count)
        var changed = true
        while changed {
            changed = false
            for (index, instruction) in instructions.enumerated() where !found[index] {
                let leads =
                    switch instruction {
                    case .check: true
                    case .split(let one, let other): found[one] || found[other]
                    case .beginMatch(let next): found[next]
                    case .consume, .match: false
                    }
                if leads {
                    found[index] = true
                    changed = true
                }
            }
        }
        return found
    }

    private mutating func append(_ instruction: Instruction) throws(PatternError) -> Int {
        guard instructions.count < limit else {
            throw PatternError(
                position: nil,
                message: "too large to compile: with its counts written out it has more than"
                    + " \(limit) states; lower the {n,m} counts or use {n,}"
            )
        }
        instructions.append(instruction)
        return instructions.count - 1
    }

    /// Adds what matches `node` and then goes on at `next`; gives where it begins.
    private mutating func add(_ node: PatternNode, before next: Int) throws(PatternError) -> Int {
        switch node {
        case .empty: return next
        case .set(let set):
            let index = indexOfSet[set] ?? sets.count
            if index == sets.count {
                sets.append(set)
                indexOfSet[set] = index
            }
            return try append(.consume(set: index, next: next))
        case .assertion(let assertion):
            hasAssertions = true
            return try append(.check(assertion, next: next))
        case .matchStart:
            let entry = try append(.beginMatch(next: next))
            matchStart = entry
            return entry
        case .sequence(let parts):
            var entry = next
            for part in parts.reversed() { entry = try add(part, before: entry) }
            return entry
        case .choice(let parts):
            var entry: Int?
            for part in parts.reversed() {
                let branch = try add(part, before: next)
                if let other = entry {
                    entry = try append(.split(branch, other))
                } else {
                    entry = branch
                }
            }
            return entry ?? next
        case .repeated(let part, let least, let most):
            var entry = next
            if let most {
                for _ in 0..<max(0, most - least) {
                    let body = try add(part, before: entry)
                    entry = try append(.split(body, next))
                }
            } else {
                let loop = try append(.split(next, next))
                let body = try add(part, before: loop)
                instructions[loop] = .split(body, next)
                entry = loop
            }
            for _ in 0..<least { entry = try add(part, before: entry) }
            return entry
        }
    }
}

/// The states that can be reached without consuming a symbol.
struct NFAClosure {
    /// The consuming states, ascending.
    private(set) var consuming: [Int] = []
    /// Whether the pattern has matched.
    private(set) var matches = false

    private var stamps: [UInt32]
    private var stamp: UInt32 = 0
    private var pending: [Int] = []

    init(of nfa: NFA) { stamps = [UInt32](repeating: 0, count: nfa.instructions.count) }

    /// Begins anew.
    mutating func clear() {
        stamp += 1
        consuming.removeAll(keepingCapacity: true)
        matches = false
    }

    /// Adds everything that `state` leads to between symbols of two kinds; states that were added
    /// since `clear` are not added again.
    mutating func add(
        _ state: Int,
        of nfa: NFA,
        between previous: SymbolKind,
        and next: SymbolKind
    ) {
        pending.append(state)
        while let state = pending.popLast() {
            guard stamps[state] != stamp else { continue }
            stamps[state] = stamp
            switch nfa.instructions[state] {
            case .consume: consuming.append(state)
            case .split(let one, let other):
                pending.append(other)
                pending.append(one)
            case .check(let assertion, let target):
                if assertion.holds(between: previous, and: next) { pending.append(target) }
            case .beginMatch(let target): pending.append(target)
            case .match: matches = true
            }
        }
    }
}
