// How a set of characters in a pattern becomes the set of shadow symbols that it matches.

extension SymbolSet {
    /// The digits, as the shadow shows all decimal digits.
    static let digits = SymbolSet(0x30...0x39)
    /// What a word is made of: ASCII letters, digits and the low line.
    static let wordCharacters = SymbolSet(0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a)
    /// White space.
    static let whiteSpace = SymbolSet(0x09...0x0d, 0x20...0x20)
    /// The line feed.
    static let newline = SymbolSet(0x0a)

    /// How many scalars outside ASCII are looked at for their case and folding.
    private static let largestExpansion = 0x3000

    /// The set with what its scalars become in the shadow.
    ///
    /// Scalars that become several symbols are not in the shadow as one and are left as they are.
    func folded(by table: FoldTable) -> SymbolSet {
        var result = self
        for range in ranges where range.upperBound >= 0x80 {
            guard range.count <= Self.largestExpansion else { continue }
            for scalar in range where scalar >= 0x80 {
                guard case .symbol(let symbol) = table.folding(of: scalar) else { continue }
                result.insert(symbol)
                guard symbol >= FoldTable.firstLookAlike else { continue }
                for reading in table.lookAlikes[Int(symbol - FoldTable.firstLookAlike)].readings {
                    result.insert(reading)
                }
            }
        }
        return result
    }

    /// The set with both cases of its letters.
    var withBothCases: SymbolSet {
        var result = self
        for range in ranges where range.lowerBound <= Self.lastScalar {
            result.insertCases(of: range, first: 0x41, last: 0x5a, distance: 0x20)
            result.insertCases(of: range, first: 0x61, last: 0x7a, distance: -0x20)
            guard range.upperBound >= 0x80, range.count <= Self.largestExpansion else { continue }
            for value in range where value >= 0x80 {
                guard let scalar = Unicode.Scalar(value) else { continue }
                for mapping in [
                    scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping,
                ] where mapping.unicodeScalars.count == 1 {
                    if let other = mapping.unicodeScalars.first { result.insert(other.value) }
                }
            }
        }
        return result
    }

    /// The set with the look-alikes that may be read as one of its characters.
    func withLookAlikes(of table: FoldTable) -> SymbolSet {
        var found: [ShadowSymbol] = []
        for range in ranges where range.lowerBound < 0x80 {
            for symbol in range.clamped(to: 0...0x7f) {
                found += table.lookAlikesOf[Int(symbol)]
            }
        }
        var result = self
        for symbol in found.sorted() { result.insert(symbol) }
        return result
    }

    /// Everything else: what may be read as one of the set's characters is not in it.
    func inverted(in table: FoldTable) -> SymbolSet {
        withLookAlikes(of: table)
            .complement(upTo: FoldTable.firstLookAlike + UInt32(table.lookAlikes.count) - 1)
    }

    private mutating func insertCases(
        of range: ClosedRange<ShadowSymbol>,
        first: ShadowSymbol,
        last: ShadowSymbol,
        distance: Int
    ) {
        let lower = max(range.lowerBound, first)
        let upper = min(range.upperBound, last)
        guard lower <= upper else { return }
        insert(UInt32(Int(lower) + distance)...UInt32(Int(upper) + distance))
    }
}
