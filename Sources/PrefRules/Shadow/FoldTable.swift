/// A symbol of the shadow text that rules are matched on.
///
/// Below 0x110000 a Unicode scalar; from there on a look-alike, which may be read in several ways.
typealias ShadowSymbol = UInt32

/// How each scalar looks to the rules, read once from `FoldTableData`.
struct FoldTable: Sendable {
    /// One shadow symbol that stands for a scalar of several readings.
    struct LookAlike: Sendable {
        /// The reading it is shown as.
        let preferred: UInt32
        /// The ASCII characters that it may be meant as.
        let readings: [UInt32]
        /// Whether it may also be just the letter of another script that it is.
        let itself: Bool
    }

    /// What becomes of one scalar.
    enum Folding {
        /// It stays as it is.
        case same
        /// It is dropped: a control, format or tag character.
        case format
        /// It is dropped, and belongs to the character before it.
        case mark
        /// It becomes one other symbol.
        case symbol(ShadowSymbol)
        /// It becomes several symbols.
        case sequence([ShadowSymbol])
    }

    /// The first symbol that is a look-alike.
    static let firstLookAlike: ShadowSymbol = 0x110000

    /// The table that everything uses.
    static let shared = FoldTable(text: FoldTableData.text.description)

    /// All look-alikes: symbol `firstLookAlike + i` is `lookAlikes[i]`.
    let lookAlikes: [LookAlike]
    /// For each ASCII character, the look-alikes that may be meant as it, ascending.
    let lookAlikesOf: [[ShadowSymbol]]
    private let sequences: [[ShadowSymbol]]
    // Two stages of 128-scalar blocks; equal blocks are not shared, unused ones are block 0.
    private let blockOf: [UInt16]
    private let entries: [UInt32]

    private static let same: UInt32 = 0
    private static let format: UInt32 = 1
    private static let mark: UInt32 = 2
    private static let sequenceFlag: UInt32 = 0x8000_0000

    /// What becomes of a scalar.
    func folding(of scalar: UInt32) -> Folding {
        if scalar < 0x80 { return Self.isDroppedASCII(scalar) ? .format : .same }
        guard scalar < Self.firstLookAlike else { return .same }
        let block = Int(blockOf[Int(scalar >> 7)])
        switch entries[block << 7 | Int(scalar & 0x7f)] {
        case Self.same: return .same
        case Self.format: return .format
        case Self.mark: return .mark
        case let entry where entry & Self.sequenceFlag != 0:
            return .sequence(sequences[Int(entry & ~Self.sequenceFlag)])
        case let entry: return .symbol(entry)
        }
    }

    /// Whether an ASCII scalar is an invisible control: all but tab, line feed and their like.
    static func isDroppedASCII(_ scalar: UInt32) -> Bool {
        scalar < 0x09 || (scalar > 0x0d && scalar < 0x20) || scalar == 0x7f
    }

    private init(text: String) {
        var numbers = NumberReader(text: text)
        var blockOf = [UInt16](repeating: 0, count: 0x110000 >> 7)
        var entries = [UInt32](repeating: Self.same, count: 128)
        func set(_ scalar: Int, _ entry: UInt32) {
            if blockOf[scalar >> 7] == 0 {
                blockOf[scalar >> 7] = UInt16(entries.count >> 7)
                entries.append(contentsOf: repeatElement(Self.same, count: 128))
            }
            entries[Int(blockOf[scalar >> 7]) << 7 | (scalar & 0x7f)] = entry
        }
        var scalar = 0x80
        var lastSymbol = 0
        var lastSequence = 0
        for _ in 0..<numbers.next() {
            let head = numbers.next()
            scalar += head >> 4
            let step = (head >> 1) & 1
            let count = head & 1 == 1 ? numbers.next() : 1
            switch (head >> 2) & 3 {
            case 0: for offset in 0..<count { set(scalar + offset, Self.format) }
            case 1: for offset in 0..<count { set(scalar + offset, Self.mark) }
            case 2:
                lastSymbol += numbers.nextSigned()
                for offset in 0..<count {
                    set(scalar + offset, UInt32(lastSymbol + step * offset))
                }
                lastSymbol += step * (count - 1)
            default:
                lastSequence += numbers.nextSigned()
                for offset in 0..<count {
                    let index = UInt32(lastSequence + step * offset)
                    set(scalar + offset, Self.sequenceFlag | index)
                }
                lastSequence += step * (count - 1)
            }
            scalar += count
        }
        sequences = (0..<numbers.next()).map { _ in
            (0..<numbers.next()).map { _ in UInt32(numbers.next()) }
        }
        lookAlikes = (0..<numbers.next()).map { _ in
            let preferred = UInt32(numbers.next())
            let itself = numbers.next() == 1
            let readings = (0..<numbers.next()).map { _ in UInt32(numbers.next()) }
            return LookAlike(preferred: preferred, readings: readings, itself: itself)
        }
        var lookAlikesOf = [[ShadowSymbol]](repeating: [], count: 0x80)
        for (index, lookAlike) in lookAlikes.enumerated() {
            for reading in lookAlike.readings {
                lookAlikesOf[Int(reading)].append(Self.firstLookAlike + UInt32(index))
            }
        }
        self.lookAlikesOf = lookAlikesOf
        self.blockOf = blockOf
        self.entries = entries
    }
}

/// Reads the numbers of a table's text form.
private struct NumberReader {
    private var digits: [UInt8]
    private var position = 0

    init(text: String) {
        digits = text.utf8.compactMap { byte -> UInt8? in
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x5a: byte - 0x41 + 10
            case 0x61...0x7a: byte - 0x61 + 36
            case 0x2d: 62
            case 0x5f: 63
            default: nil
            }
        }
    }

    mutating func next() -> Int {
        var value = 0
        var shift = 0
        while position < digits.count {
            let digit = digits[position]
            position += 1
            value |= Int(digit & 31) << shift
            shift += 5
            if digit < 32 { break }
        }
        return value
    }

    mutating func nextSigned() -> Int {
        let value = next()
        return value & 1 == 0 ? value / 2 : -(value + 1) / 2
    }
}
