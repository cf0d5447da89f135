/// The lengths of a candidate that are still in question: bit *n* for *n* + 1 symbols.
typealias LengthSet = SIMD4<UInt64>

extension SIMD4 where Scalar == UInt64 {
    /// Whether a length is in the set.
    func contains(length: Int) -> Bool {
        self[(length - 1) >> 6] & (1 << UInt64((length - 1) & 63)) != 0
    }

    /// Adds a length.
    mutating func insert(length: Int) {
        self[(length - 1) >> 6] |= 1 << UInt64((length - 1) & 63)
    }

    /// Takes a length out.
    mutating func remove(length: Int) {
        self[(length - 1) >> 6] &= ~(1 << UInt64((length - 1) & 63))
    }

    /// The greatest length in the set, or 0.
    var greatestLength: Int {
        for index in [3, 2, 1, 0] where self[index] != 0 {
            return index << 6 + 64 - self[index].leadingZeroBitCount
        }
        return 0
    }
}

/// A check that a match must pass besides its pattern, such as a checksum.
///
/// It looks at all candidate lengths from one start in one pass, so that an invalid longer
/// candidate does not hide a valid shorter one and the work stays linear.
protocol Validator: Sendable {
    /// Takes out of `lengths` those at which the candidate is not valid.
    ///
    /// - Parameters:
    ///   - lengths: the candidate's lengths in symbols.
    ///   - symbols: the shadow from the candidate's start to its greatest length.
    func narrow(_ lengths: inout LengthSet, of symbols: ArraySlice<ShadowSymbol>)
}

/// What a symbol may be read as, for validators.
enum SymbolReading {
    /// The decimal digit that a symbol is or may be meant as.
    static func digit(_ symbol: ShadowSymbol) -> Int? {
        if (0x30...0x39).contains(symbol) { return Int(symbol) - 0x30 }
        guard let readings = lookAlike(symbol)?.readings else { return nil }
        return readings.first { (0x30...0x39).contains($0) }.map { Int($0) - 0x30 }
    }

    /// The ASCII character that a symbol is or is shown as.
    static func ascii(_ symbol: ShadowSymbol) -> UInt8? {
        if let lookAlike = lookAlike(symbol) { return UInt8(exactly: lookAlike.preferred) }
        return symbol < 0x80 ? UInt8(symbol) : nil
    }

    /// The ASCII digit or letter that a symbol is or is shown as: 0 to 9, then A to Z whatever
    /// their case.
    static func alphanumeric(_ symbol: ShadowSymbol) -> Int? {
        switch ascii(symbol) {
        case .some(let byte) where (0x30...0x39).contains(byte): Int(byte) - 0x30
        case .some(let byte) where (0x41...0x5a).contains(byte): Int(byte) - 0x41 + 10
        case .some(let byte) where (0x61...0x7a).contains(byte): Int(byte) - 0x61 + 10
        default: nil
        }
    }

    private static func lookAlike(_ symbol: ShadowSymbol) -> FoldTable.LookAlike? {
        guard symbol >= FoldTable.firstLookAlike else { return nil }
        return FoldTable.shared.lookAlikes[Int(symbol - FoldTable.firstLookAlike)]
    }
}
