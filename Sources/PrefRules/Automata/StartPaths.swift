/// In which ways a rule's matches may begin: the classes of their first bytes.
struct StartPaths {
    /// How many symbols the filter looks at.
    static let depth = 4
    /// In how many ways a rule may begin for more than two symbols to count.
    private static let pathLimit = 1024
    /// With how many classes in the fourth place that place does not count.
    private static let fewClasses = 6

    /// Four classes, six bits each.
    private(set) var paths: [UInt32] = []
    /// Three classes, where the fourth may be nearly anything.
    private(set) var shortPaths: [UInt32] = []

    /// Whether a match may begin in the midst of a word.
    private(set) var beginInsideWords = false
    /// Whether every match begins with two capitals or digits (of ASCII, as far as it is ASCII).
    private(set) var beginsWithCapitals = false
    /// The classes that a match may begin with, as a bit for each, whatever follows.
    private(set) var firstClasses: UInt64 = 0
    /// The characters that are part of no word and may begin a match.
    private(set) var otherBeginnings: Set<UInt8> = []

    private struct Place {
        var core: [Int]
        let kind: SymbolKind
    }

    private let nfa: NFA
    // For each set, its ASCII symbols.
    private let asciiOfSet: [ASCIISet]
    // And the classes that have a member in it; the line feed stands apart.
    private let classesOfSet: [UInt64]
    private let setHasNewline: [Bool]
    private var closure: NFAClosure
    private var isOver = false
    private var greatestDepth = StartPaths.depth

    init(_ nfa: NFA) {
        self.nfa = nfa
        closure = NFAClosure(of: nfa)
        let ascii = nfa.sets.map(ASCIISet.init)
        classesOfSet = ascii.map { set in
            var mask: UInt64 = 0
            for symbol in set.symbols
            where symbol != 0x0a && ByteClass.ofByte[Int(symbol)] != ByteClass.special {
                mask |= 1 << UInt64(ByteClass.ofByte[Int(symbol)])
            }
            return mask
        }
        setHasNewline = nfa.sets.map { $0.contains(0x0a) }
        asciiOfSet = ascii
        findBeginnings()
        findCapitals()
        collect()
        if isOver {
            isOver = false
            paths = []
            shortPaths = []
            greatestDepth = 2
            collect()
        }
    }

    /// The classes of the symbols at one of the first three places.
    func classes(at offset: Int) -> Set<Int> {
        func shift(_ length: Int) -> UInt32 { ByteClass.bits * UInt32(length - 1 - offset) }
        let mask = UInt32(ByteClass.count - 1)
        return Set(paths.map { Int($0 >> shift(Self.depth) & mask) })
            .union(shortPaths.map { Int($0 >> shift(Self.depth - 1) & mask) })
    }

    private mutating func findBeginnings() {
        // What precedes, and what follows, matters only to conditions.
        let before = nfa.leadsToCheck[nfa.start] ? SymbolKind.allCases : [.word]
        for before in before {
            for kind in [SymbolKind.word, .other, .newline] {
                close(Place(core: [nfa.start], kind: before), before: kind)
                for consuming in closure.consuming {
                    guard case .consume(let set, _) = nfa.instructions[consuming] else { continue }
                    firstClasses |= classesOfSet[set]
                    if setHasNewline[set] { firstClasses |= 1 << UInt64(ByteClass.space) }
                    if kind != .word {
                        let symbols = asciiOfSet[set].intersection(ASCIISet.of(kind)).symbols
                        otherBeginnings.formUnion(symbols)
                    } else if before == .word, classesOfSet[set] & ByteClass.wordMask != 0 {
                        beginInsideWords = true
                    }
                }
            }
        }
    }

    private mutating func findCapitals() {
        var states: Set<Int> = [nfa.start]
        for _ in 0..<2 {
            var next: Set<Int> = []
            let before = states.contains { nfa.leadsToCheck[$0] } ? SymbolKind.allCases : [.other]
            for before in before {
                for kind in [SymbolKind.word, .other, .newline, .edge] {
                    close(Place(core: Array(states), kind: before), before: kind)
                    if closure.matches { return }
                    for consuming in closure.consuming {
                        guard case .consume(let set, let target) = nfa.instructions[consuming]
                        else { continue }
                        guard asciiOfSet[set].isSubset(of: .capitals) else { return }
                        next.insert(target)
                    }
                }
            }
            states = next
        }
        beginsWithCapitals = true
    }

    private mutating func collect() {
        let before: [SymbolKind] =
            nfa.leadsToCheck[nfa.start] ? [.word, .other, .newline, .edge] : [.other]
        walk(before.map { Place(core: [nfa.start], kind: $0) }, depth: 0, path: 0)
    }

    private mutating func walk(_ places: [Place], depth: Int, path: UInt32) {
        guard !isOver else { return }
        if depth == greatestDepth { return add(path, depth: depth) }
        var targets = [[Place]](repeating: [], count: ByteClass.count)
        var used: UInt64 = 0
        for place in places {
            let looksAhead = place.core.contains { nfa.leadsToCheck[$0] }
            if looksAhead, depth > 0 {
                close(place, before: .edge)
                if closure.matches { return add(path, depth: depth) }
            }
            for next in [SymbolKind.other, .word, .newline] {
                if looksAhead || next == .other { close(place, before: next) }
                if closure.matches, depth > 0 { return add(path, depth: depth) }
                used |= takeTargets(next, into: &targets)
            }
        }
        if depth == Self.depth - 1, used.nonzeroBitCount >= Self.fewClasses {
            return add(path, depth: depth)
        }
        while used != 0 {
            let index = used.trailingZeroBitCount
            used &= used - 1
            walk(targets[index], depth: depth + 1, path: path << ByteClass.bits | UInt32(index))
        }
    }

    private mutating func takeTargets(
        _ kind: SymbolKind,
        into targets: inout [[Place]]
    ) -> UInt64 {
        var used: UInt64 = 0
        for consuming in closure.consuming {
            guard case .consume(let set, let next) = nfa.instructions[consuming] else { continue }
            var mask: UInt64 =
                switch kind {
                case .word: classesOfSet[set] & ByteClass.wordMask
                case .newline: setHasNewline[set] ? 1 << UInt64(ByteClass.space) : 0
                default: classesOfSet[set] & ~ByteClass.wordMask
                }
            used |= mask
            while mask != 0 {
                let index = mask.trailingZeroBitCount
                mask &= mask - 1
                if let last = targets[index].indices.last, targets[index][last].kind == kind {
                    targets[index][last].core.append(next)
                } else {
                    targets[index].append(Place(core: [next], kind: kind))
                }
            }
        }
        return used
    }

    private mutating func close(_ place: Place, before next: SymbolKind) {
        closure.clear()
        for state in place.core { closure.add(state, of: nfa, between: place.kind, and: next) }
    }

    /// Adds a path of `depth` classes.
    private mutating func add(_ path: UInt32, depth: Int) {
        switch depth {
        case Self.depth: paths.append(path)
        case Self.depth - 1: shortPaths.append(path)
        default:
            for next in 0..<UInt32(ByteClass.count) {
                add(path << ByteClass.bits | next, depth: depth + 1)
            }
        }
        isOver = paths.count + shortPaths.count > Self.pathLimit && greatestDepth > 2
    }
}

/// Symbols of ASCII, one bit each.
private struct ASCIISet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// What a condition takes for a kind.
    static func of(_ kind: SymbolKind) -> ASCIISet { ofKind[Int(kind.rawValue)] }
    private static let ofKind = SymbolKind.allCases.map { kind in
        ASCIISet((0..<0x80).filter { SymbolKind($0) == kind })
    }
    /// Capitals and digits.
    static let capitals = ASCIISet((0..<0x80).filter { StartFilter.isCapital(UInt8($0)) })

    private init(_ symbols: [ShadowSymbol]) {
        for symbol in symbols { insert(symbol) }
    }

    init(_ set: SymbolSet) {
        for range in set.ranges where range.lowerBound < 0x80 {
            for symbol in range.clamped(to: 0...0x7f) { insert(symbol) }
        }
    }

    /// The symbols, ascending.
    var symbols: [UInt8] {
        (0..<0x80).filter { ($0 < 0x40 ? low >> UInt64($0) : high >> UInt64($0 - 0x40)) & 1 != 0 }
    }

    func intersection(_ other: ASCIISet) -> ASCIISet {
        var result = self
        result.low &= other.low
        result.high &= other.high
        return result
    }

    func isSubset(of other: ASCIISet) -> Bool {
        low & ~other.low == 0 && high & ~other.high == 0
    }

    private mutating func insert(_ symbol: ShadowSymbol) {
        if symbol < 0x40 {
            low |= 1 << UInt64(symbol)
        } else {
            high |= 1 << UInt64(symbol - 0x40)
        }
    }
}
