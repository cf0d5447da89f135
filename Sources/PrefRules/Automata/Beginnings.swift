internal import Synchronization

/// Follows all rules of a surface together from one start.
///
/// A node stands for the rules that may still match from that start and where they are. Most starts
/// die within a few symbols; where few rules are left, or a match may end, rules *come through* and
/// go on by themselves. Nodes are made when a text first leads to them, once for all streams.
final class Beginnings: Sendable {
    /// A rule that has begun, and where its automaton stands.
    struct Item: Hashable, Sendable {
        /// The rule's index in its surface.
        let rule: Int
        /// The state of its automaton.
        let state: StateRow
    }

    /// A transition.
    struct Entry: Sendable {
        let bits: UInt

        /// The next node; `none` where nothing can match any more.
        var node: StateRow { StateRow(bits: bits & ~7) }
        /// Whether rules come through there.
        var comesThrough: Bool { bits & Self.through != 0 }
        /// Whether the rules of the node are to go on by themselves from here.
        var isOverflow: Bool { bits == Self.overflow }

        static let through: UInt = 1
        static let unknown: UInt = 2
        static let overflow: UInt = 4
    }

    /// How deep a lone rule is still followed here.
    static let loneDepth = 16
    /// How many symbols deep rules are followed together at most.
    static let greatestDepth = 64

    private let starts: [StateRow]
    private let nodes: Mutex<BeginningNodes>

    /// Prepares the nodes of a surface's rules.
    init(
        _ rules: [BeginningNodes.PlacedRule],
        _ columns: SymbolColumns,
        nodeLimit: Int = BeginningNodes.nodeLimit
    ) {
        var nodes = BeginningNodes(rules, columns, limit: nodeLimit)
        starts = SymbolKind.allCases.map { nodes.start(after: $0) }
        self.nodes = Mutex(nodes)
    }

    deinit { nodes.withLock { $0.deallocate() } }

    /// The node in which texts begin after a symbol of a kind.
    func start(after kind: SymbolKind) -> StateRow { starts[Int(kind.rawValue)] }

    /// The transition from a node on a column.
    func entry(_ node: StateRow, _ column: Int) -> Entry {
        let known = node[BeginningNodes.headWords + column]
        if known != Entry.unknown { return Entry(bits: known) }
        return Entry(bits: nodes.withLock { $0.fill(node, column) })
    }

    /// What the bytes at hand tell of a place.
    enum Outlook {
        /// No match begins there.
        case none
        /// More bytes would have to be seen.
        case open(StateRow)
        /// Rules come through, or go far: it has to be looked at symbol by symbol.
        case likely
    }

    /// Follows the rules from a place through plain bytes.
    func outlook(_ bytes: Span<UInt8>, from first: Int, after kind: SymbolKind) -> Outlook {
        var node = start(after: kind)
        var index = first
        while index < bytes.count, ByteClass.isPlain(Int(bytes[index])) {
            guard index - first < Self.loneDepth else { return .likely }
            let entry = entry(node, Int(bytes[index]))
            if entry.bits == 0 { return .none }
            if entry.bits & 7 != 0 { return .likely }
            node = entry.node
            index += 1
        }
        return .open(node)
    }

    /// The same for bytes that were carried.
    func outlook(_ bytes: CarriedBytes, from first: Int, after kind: SymbolKind) -> Outlook {
        var node = start(after: kind)
        for index in first..<bytes.count {
            let entry = entry(node, Int(bytes[index]))
            if entry.bits == 0 { return .none }
            if entry.bits & 7 != 0 { return .likely }
            node = entry.node
        }
        return .open(node)
    }

    /// Whether text must be held for a rule of the node.
    func holds(_ node: StateRow) -> Bool { node[1] != 0 }

    /// The rules that come through at a node.
    func through(_ node: StateRow) -> [Item] { items(of: node, from: Int(node[2])) }

    /// Whether any are followed on at a node.
    func hasFollowed(_ node: StateRow) -> Bool {
        let place = Int(node[2])
        return node[place + 1 + 2 * Int(node[place])] != 0
    }

    /// The rules that are followed on at a node.
    func followed(_ node: StateRow) -> [Item] {
        let place = Int(node[2])
        return items(of: node, from: place + 1 + 2 * Int(node[place]))
    }

    private func items(of node: StateRow, from place: Int) -> [Item] {
        (0..<Int(node[place])).map { index in
            Item(
                rule: Int(node[place + 1 + 2 * index]),
                state: StateRow(bits: node[place + 2 + 2 * index])
            )
        }
    }
}

/// The nodes of `Beginnings`.
///
/// A row has its number, whether it holds, where its lists of rules lie, a transition for each
/// column, and the two lists.
struct BeginningNodes: Sendable {
    /// A rule of the surface.
    struct PlacedRule: Sendable {
        let automaton: RuleAutomaton
        /// The automaton's class for each column.
        let classOfColumn: [UInt16]
        /// Whether text must be held while it may match.
        let holds: Bool
    }

    private struct Key: Hashable {
        let depth: Int
        let followed: [Beginnings.Item]
        let through: [Beginnings.Item]
    }

    static let headWords = 3
    /// How many nodes there may be, besides those of a single symbol.
    static let nodeLimit = 8192

    private let rules: [PlacedRule]
    private let columns: SymbolColumns
    private let limit: Int
    private var keys: [Key] = []
    private var rows: [StateRow] = []
    private var nodeOf: [Key: Int] = [:]

    init(_ rules: [PlacedRule], _ columns: SymbolColumns, limit: Int) {
        self.rules = rules
        self.limit = limit
        self.columns = columns
    }

    func deallocate() {
        for row in rows { row.deallocate() }
    }

    /// The node in which texts begin after a symbol of a kind.
    mutating func start(after kind: SymbolKind) -> StateRow {
        let items = rules.indices.map { rule in
            Beginnings.Item(rule: rule, state: rules[rule].automaton.start(after: kind))
        }
        return node(Key(depth: 0, followed: items, through: [])) ?? .none
    }

    /// Writes the transition of a node on a column and gives it.
    mutating func fill(_ row: StateRow, _ column: Int) -> UInt {
        let known = row[Self.headWords + column]
        if known != Beginnings.Entry.unknown { return known }
        let key = keys[Int(row[0])]
        let depth = min(key.depth + 1, Beginnings.loneDepth)
        var followed: [Beginnings.Item] = []
        var through: [Beginnings.Item] = []
        for item in key.followed {
            let rule = rules[item.rule]
            let entry = rule.automaton.forcedEntry(
                item.state,
                Int(rule.classOfColumn[column])
            )
            guard entry.state != .none else { continue }
            let next = Beginnings.Item(rule: item.rule, state: entry.state)
            let begins =
                rule.automaton.nfa.matchStart != nil && rule.automaton.isInMatch(entry.state)
            if begins || rule.automaton.mayEndMatch(entry.state) {
                through.append(next)
            } else {
                followed.append(next)
            }
        }
        if followed.count == 1, depth == Beginnings.loneDepth {
            through.append(followed[0])
            followed = []
        }
        var bits: UInt = 0
        if !followed.isEmpty || !through.isEmpty {
            let flag = through.isEmpty ? 0 : Beginnings.Entry.through
            let next = node(Key(depth: depth, followed: followed, through: through))
            bits = next.map { $0.bits | flag } ?? Beginnings.Entry.overflow
        }
        row[Self.headWords + column] = bits
        return bits
    }

    private mutating func node(_ key: Key) -> StateRow? {
        if let known = nodeOf[key] { return rows[known] }
        // A start always has a node: only what has begun can go on by itself.
        guard keys.count < limit || key.depth <= 1 else { return nil }
        let lists = Self.headWords + columns.joined.count
        let count = lists + 2 + 2 * (key.followed.count + key.through.count)
        let row = StateRow.allocate(count, word: Beginnings.Entry.unknown)
        row[0] = UInt(keys.count)
        row[1] = key.followed.contains(where: holds) ? 1 : 0
        row[2] = UInt(lists)
        var place = lists
        for list in [key.through, key.followed] {
            row[place] = UInt(list.count)
            for (index, item) in list.enumerated() {
                row[place + 1 + 2 * index] = UInt(item.rule)
                row[place + 2 + 2 * index] = item.state.bits
            }
            place += 1 + 2 * list.count
        }
        nodeOf[key] = keys.count
        keys.append(key)
        rows.append(row)
        return row
    }

    /// Whether text must be held for a rule: not while what it has taken is only context.
    private func holds(_ item: Beginnings.Item) -> Bool {
        rules[item.rule].holds && rules[item.rule].automaton.isInMatch(item.state)
    }
}
