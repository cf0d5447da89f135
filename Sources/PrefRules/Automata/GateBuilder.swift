/// Builds the gate of one surface's rules.
struct GateBuilder {
    /// A rule whose automaton has its place in the table of the surface.
    struct PlacedRule {
        let automaton: RuleAutomaton
        /// Where the automaton's rows begin.
        let base: Int
        /// The automaton's class for each class of the surface's alphabet.
        let classOfJoined: [Int]
        /// Whether text must be held while it may match.
        let holds: Bool
    }

    /// A rule that has begun and has not come through yet.
    private struct Item: Hashable {
        // One word, since states are looked up by their items a great deal.
        private let word: UInt64

        init(rule: Int, row: Int, age: Int) {
            word = UInt64(rule) << 40 | UInt64(age) << 36 | UInt64(row)
        }

        var rule: Int { Int(word >> 40) }
        var age: Int { Int(word >> 36 & 0xf) }
        var row: Int { Int(word & 0xf_ffff_ffff) }
        /// The item without its age.
        var place: UInt64 { word & ~(0xf << 36) }
    }

    private struct Key: Hashable {
        let kind: SymbolKind
        let items: [Item]
    }

    private static let stateLimit = 4096
    /// In how many ways a rule may begin for the gate to follow it: where nearly anything may be
    /// its second and third symbol, the states of all other rules would be multiplied.
    private static let beginningLimit = 2000

    private let rules: [PlacedRule]
    private let columns: SymbolColumns
    // How deep the gate follows each rule.
    private let depths: [Int]
    private var keys: [Key] = []
    private var stateOf: [Key: Int] = [:]
    private var firingSets: [Gate.FiringSet] = []
    private var firingSetOf: [Gate.FiringSet: Int] = [:]
    // For each kind before and each class: the rules that begin, and where they stand.
    private var starts: [[[(rule: Int, row: Int)]]] = []
    // For each kind before, the entries of a state in which nothing has begun.
    private var idleRows: [SymbolKind: [UInt32]] = [:]
    // For each rule and row, the classes on which it goes on.
    private var liveClasses: [UInt64: [Int]] = [:]

    /// Builds a gate that looks as deep as a table of bounded size allows.
    static func build(_ rules: [PlacedRule], _ columns: SymbolColumns) -> Gate {
        for depth in stride(from: Gate.greatestDepth, to: 1, by: -1) {
            var builder = GateBuilder(rules, columns, depth: depth)
            if let gate = builder.build() { return gate }
        }
        // With one symbol there is only one state for each kind.
        var builder = GateBuilder(rules, columns, depth: 1)
        return builder.build(limit: .max)
    }

    private init(_ rules: [PlacedRule], _ columns: SymbolColumns, depth: Int) {
        self.rules = rules
        self.columns = columns
        let ascii = Set((0..<0x80).map { columns.joined[$0] })
        depths = rules.map { Self.depth(of: $0, on: ascii, atMost: depth) }
        starts = SymbolKind.allCases.map { kind in
            (0..<columns.alphabet.count).map { joined in
                rules.indices.compactMap { rule in
                    let automaton = rules[rule].automaton
                    let local = rules[rule].classOfJoined[joined]
                    let row = automaton.entry(automaton.startRow(after: kind), local).row
                    return row == 0 ? nil : (rule, row)
                }
            }
        }
    }

    /// How deep a rule can be followed before it has begun in too many ways.
    private static func depth(
        of rule: PlacedRule,
        on classes: Set<Int>,
        atMost deepest: Int
    ) -> Int {
        var ways: [Int: Int] = [rule.automaton.startRow(after: .other): 1]
        for depth in 1...deepest {
            var next: [Int: Int] = [:]
            for (row, count) in ways {
                for symbolClass in classes {
                    let target = rule.automaton.entry(row, rule.classOfJoined[symbolClass]).row
                    if target != 0 { next[target, default: 0] += count }
                }
            }
            if next.values.reduce(0, +) > beginningLimit { return max(1, depth - 1) }
            ways = next
        }
        return deepest
    }

    private mutating func build() -> Gate? {
        let gate = build(limit: Self.stateLimit)
        return gate.holdDepths.count > Self.stateLimit ? nil : gate
    }

    private mutating func build(limit: Int) -> Gate {
        _ = state(Key(kind: .edge, items: []))
        var joinedRows: [[UInt32]] = []
        while joinedRows.count < keys.count, keys.count <= limit {
            joinedRows.append(expand(keys[joinedRows.count]))
        }
        var bytes: [UInt32] = []
        var others: [UInt32] = []
        for row in joinedRows {
            for byte in 0..<256 {
                let plain = Gate.isPlain(byte)
                bytes.append(plain ? row[columns.joined[byte]] : Gate.special)
            }
            for column in columns.joined[0x80...] { others.append(row[column]) }
        }
        return Gate(
            bytes: bytes,
            others: others,
            otherCount: columns.joined.count - 0x80,
            firingSets: firingSets,
            holdDepths: keys.map(holdDepth),
            startRow: 0
        )
    }

    private func holdDepth(_ key: Key) -> UInt8 {
        UInt8(key.items.filter { rules[$0.rule].holds }.map(\.age).max() ?? 0)
    }

    private mutating func state(_ key: Key) -> Int {
        if let known = stateOf[key] { return known }
        stateOf[key] = keys.count
        keys.append(key)
        return keys.count - 1
    }

    /// The entries of a state: those of an idle one, but where something that has begun goes on.
    private mutating func expand(_ key: Key) -> [UInt32] {
        var row = idleRow(after: key.kind)
        var changed: Set<Int> = []
        for item in key.items { changed.formUnion(classes(of: item)) }
        for joined in changed { row[joined] = step(key, on: joined) }
        return row
    }

    private mutating func idleRow(after kind: SymbolKind) -> [UInt32] {
        if let known = idleRows[kind] { return known }
        let idle = Key(kind: kind, items: [])
        let row = (0..<columns.alphabet.count).map { step(idle, on: $0) }
        idleRows[kind] = row
        return row
    }

    private mutating func classes(of item: Item) -> [Int] {
        if let known = liveClasses[item.place] { return known }
        let rule = rules[item.rule]
        let classes = (0..<columns.alphabet.count).filter {
            rule.automaton.entry(item.row, rule.classOfJoined[$0]).row != 0
        }
        liveClasses[item.place] = classes
        return classes
    }

    private mutating func step(_ key: Key, on joined: Int) -> UInt32 {
        var items: [Item] = []
        var firings: [Gate.Firing] = []
        func arrive(_ rule: Int, _ row: Int, _ age: Int) {
            if age == depths[rule] || rules[rule].automaton.mayEndMatch(row) {
                firings.append(
                    Gate.Firing(rule: rule, row: rules[rule].base + row, depth: age)
                )
            } else {
                items.append(Item(rule: rule, row: row, age: age))
            }
        }
        for item in key.items {
            let local = rules[item.rule].classOfJoined[joined]
            let row = rules[item.rule].automaton.entry(item.row, local).row
            if row != 0 { arrive(item.rule, row, item.age + 1) }
        }
        for start in starts[Int(key.kind.rawValue)][joined] { arrive(start.rule, start.row, 1) }
        let next = state(Key(kind: columns.kinds[joined], items: items))
        let row = UInt32(next) << 8
        if firings.isEmpty { return row }
        let set = Gate.FiringSet(row: row, firings: firings)
        let index = firingSetOf[set] ?? firingSets.count
        if index == firingSets.count {
            firingSetOf[set] = index
            firingSets.append(set)
        }
        return Gate.fires | UInt32(index)
    }
}
