/// A partition of all symbols into classes that a group of sets cannot tell apart.
struct Alphabet: Sendable {
    /// Where each interval of symbols begins, ascending from 0.
    private(set) var starts: [ShadowSymbol]
    /// The class of each interval.
    private(set) var classes: [Int]
    /// A symbol of each class.
    private(set) var representatives: [ShadowSymbol]

    /// How many classes there are.
    var count: Int { representatives.count }

    /// The coarsest partition for `sets`, and for the kinds of symbols where those matter.
    init(sets: [SymbolSet], splittingKinds: Bool) {
        let own = Alphabet(sets: sets)
        self = splittingKinds ? Alphabet(joining: [.kinds, own]) : own
    }

    private init(sets: [SymbolSet]) {
        var bounds: [ShadowSymbol] = [0]
        for range in sets.lazy.flatMap(\.ranges) {
            bounds.append(range.lowerBound)
            bounds.append(range.upperBound + 1)
        }
        self.init(startingAt: bounds)
        for set in sets {
            var isMember = [Int](repeating: 0, count: starts.count)
            for range in set.ranges {
                var interval = Self.interval(of: range.lowerBound, in: starts)
                while interval < starts.count, starts[interval] <= range.upperBound {
                    isMember[interval] = 1
                    interval += 1
                }
            }
            refine(by: isMember, count: 2)
        }
        joinNeighbours()
    }

    /// The coarsest partition that is finer than all of `alphabets`.
    init(joining alphabets: [Alphabet]) {
        self.init(startingAt: [0] + alphabets.flatMap(\.starts))
        for alphabet in alphabets {
            var interval = 0
            let classes = starts.map { start in
                while interval + 1 < alphabet.starts.count, alphabet.starts[interval + 1] <= start {
                    interval += 1
                }
                return alphabet.classes[interval]
            }
            refine(by: classes, count: alphabet.count)
        }
        joinNeighbours()
    }

    /// One class, with intervals that begin at these symbols.
    private init(startingAt bounds: [ShadowSymbol]) {
        starts = []
        for bound in bounds.sorted() where starts.last != bound { starts.append(bound) }
        classes = [Int](repeating: 0, count: starts.count)
        representatives = [0]
    }

    /// The partition by kinds.
    private static let kinds: Alphabet = {
        let sets = [SymbolSet.wordCharacters, .newline]
        let ranges = sets.flatMap(\.ranges)
        let lookAlikes = UInt32(FoldTable.shared.lookAlikes.count)
        var kinds = Alphabet(
            startingAt: [0] + ranges.map(\.lowerBound) + ranges.map { $0.upperBound + 1 }
                + (0...lookAlikes).map { FoldTable.firstLookAlike + $0 }
        )
        kinds.refine(
            by: kinds.starts.map { Int(SymbolKind($0).rawValue) },
            count: SymbolKind.allCases.count
        )
        kinds.joinNeighbours()
        return kinds
    }()

    /// Tells classes apart by another partition, given for each interval.
    private mutating func refine(by others: [Int], count: Int) {
        var next = 0
        var numbers = [Int](repeating: -1, count: representatives.count * count)
        for interval in classes.indices {
            let pair = classes[interval] * count + others[interval]
            if numbers[pair] < 0 {
                numbers[pair] = next
                next += 1
            }
            classes[interval] = numbers[pair]
        }
        // Their count is what matters until all classes are known.
        representatives = [ShadowSymbol](repeating: 0, count: next)
    }

    /// Makes one of neighbouring intervals of the same class, and finds a symbol of each class.
    private mutating func joinNeighbours() {
        let kept = classes.indices.filter { $0 == 0 || classes[$0] != classes[$0 - 1] }
        starts = kept.map { starts[$0] }
        classes = kept.map { classes[$0] }
        for interval in classes.indices.reversed() {
            representatives[classes[interval]] = starts[interval]
        }
    }

    /// For each class the class of another alphabet, which this one must be finer than.
    func classes(in other: Alphabet) -> [UInt16] {
        var result = [UInt16](repeating: 0, count: count)
        var interval = 0
        for (start, symbolClass) in zip(starts, classes) {
            while interval + 1 < other.starts.count, other.starts[interval + 1] <= start {
                interval += 1
            }
            result[symbolClass] = UInt16(other.classes[interval])
        }
        return result
    }

    /// The class of a symbol.
    func `class`(of symbol: ShadowSymbol) -> Int {
        classes[Self.interval(of: symbol, in: starts)]
    }

    private static func interval(of symbol: ShadowSymbol, in starts: [ShadowSymbol]) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= symbol { low = middle } else { high = middle }
        }
        return low
    }
}
