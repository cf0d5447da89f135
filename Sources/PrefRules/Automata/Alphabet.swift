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
        var bounds: Set<ShadowSymbol> = [0]
        func cut(_ set: SymbolSet) {
            for range in set.ranges {
                bounds.insert(range.lowerBound)
                bounds.insert(range.upperBound + 1)
            }
        }
        for set in sets { cut(set) }
        if splittingKinds {
            cut(.wordCharacters)
            cut(.newline)
            let lookAlikes = UInt32(FoldTable.shared.lookAlikes.count)
            for index in 0...lookAlikes { bounds.insert(FoldTable.firstLookAlike + index) }
        }
        let starts = bounds.sorted()
        var members = [[Int]](repeating: [], count: starts.count)
        for (index, set) in sets.enumerated() {
            for range in set.ranges {
                var interval = Self.interval(of: range.lowerBound, in: starts)
                while interval < starts.count, starts[interval] <= range.upperBound {
                    members[interval].append(index)
                    interval += 1
                }
            }
        }
        if splittingKinds {
            for (interval, start) in starts.enumerated() {
                members[interval].append(-1 - Int(SymbolKind(start).rawValue))
            }
        }
        self.init(starts: starts, signatures: members)
    }

    /// The coarsest partition that is finer than all of `alphabets`.
    init(joining alphabets: [Alphabet]) {
        let starts = Set(alphabets.flatMap(\.starts)).union([0]).sorted()
        var signatures = [[Int]](repeating: [], count: starts.count)
        for alphabet in alphabets {
            var interval = 0
            for (index, start) in starts.enumerated() {
                while interval + 1 < alphabet.starts.count, alphabet.starts[interval + 1] <= start {
                    interval += 1
                }
                signatures[index].append(alphabet.classes[interval])
            }
        }
        self.init(starts: starts, signatures: signatures)
    }

    private init(starts: [ShadowSymbol], signatures: [[Int]]) {
        self.starts = starts
        var classOf: [[Int]: Int] = [:]
        classes = []
        representatives = []
        for (start, signature) in zip(starts, signatures) {
            let known = classOf[signature] ?? representatives.count
            if known == representatives.count {
                classOf[signature] = known
                representatives.append(start)
            }
            classes.append(known)
        }
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
