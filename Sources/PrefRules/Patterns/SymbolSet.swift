/// A set of shadow symbols, as sorted ranges that neither overlap nor touch.
struct SymbolSet: Hashable, Sendable {
    /// The ranges, ascending.
    private(set) var ranges: [ClosedRange<ShadowSymbol>] = []

    /// The last Unicode scalar.
    static let lastScalar: ShadowSymbol = 0x10ffff

    init() {}

    init(_ ranges: ClosedRange<ShadowSymbol>...) {
        for range in ranges { insert(range) }
    }

    init(_ symbol: ShadowSymbol) { ranges = [symbol...symbol] }

    /// Whether it is empty.
    var isEmpty: Bool { ranges.isEmpty }

    /// Whether a symbol is in it.
    func contains(_ symbol: ShadowSymbol) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < symbol { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(symbol)
    }

    /// Adds a range.
    mutating func insert(_ range: ClosedRange<ShadowSymbol>) {
        guard let last = ranges.last, range.lowerBound < last.lowerBound else {
            append(range)
            return
        }
        var lower = range.lowerBound
        var upper = range.upperBound
        var kept: [ClosedRange<ShadowSymbol>] = []
        var placed = false
        for other in ranges {
            if other.upperBound + 1 < lower {
                kept.append(other)
            } else if upper + 1 < other.lowerBound {
                if !placed {
                    kept.append(lower...upper)
                    placed = true
                }
                kept.append(other)
            } else {
                lower = min(lower, other.lowerBound)
                upper = max(upper, other.upperBound)
            }
        }
        if !placed { kept.append(lower...upper) }
        ranges = kept
    }

    /// Adds a range that does not begin before the last one.
    private mutating func append(_ range: ClosedRange<ShadowSymbol>) {
        if let last = ranges.last, range.lowerBound <= last.upperBound + 1 {
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    /// Adds one symbol.
    mutating func insert(_ symbol: ShadowSymbol) { insert(symbol...symbol) }

    /// Adds another set.
    mutating func formUnion(_ other: SymbolSet) {
        for range in other.ranges { insert(range) }
    }

    /// The symbols of either.
    func union(_ other: SymbolSet) -> SymbolSet {
        var result = self
        result.formUnion(other)
        return result
    }

    /// Every symbol up to `last` that is not in it.
    func complement(upTo last: ShadowSymbol) -> SymbolSet {
        var result = SymbolSet()
        var next: ShadowSymbol = 0
        for range in ranges {
            if range.lowerBound > next { result.ranges.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= last { result.ranges.append(next...last) }
        return result
    }
}
