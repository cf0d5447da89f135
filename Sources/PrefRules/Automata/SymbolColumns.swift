/// The columns that the tables of a surface have in common.
///
/// Columns 0–127 are the plain ASCII characters; from 128 on the classes of all other symbols, of
/// which the first is the backslash, since its byte may begin an escape.
struct SymbolColumns: Sendable {
    /// The classes that no rule of the surface tells apart.
    let alphabet: Alphabet
    /// The class of each column.
    let joined: [Int]
    /// The kind of each column's symbols.
    let kinds: [SymbolKind]
    // Blocks of 256 symbols; those that are all in one class share a block.
    private let blockOf: [UInt16]
    private let columns: [UInt16]

    private static let backslash: ShadowSymbol = 0x5c

    /// The columns that rules with these alphabets need.
    init(_ alphabets: [Alphabet]) {
        let alphabet = Alphabet(joining: alphabets)
        var joined = (0..<0x80).map { alphabet.class(of: UInt32($0)) }
        joined.append(joined[Int(Self.backslash)])
        var columnOfClass = [Int](repeating: 0x80, count: alphabet.count)
        var seen: Set<Int> = []
        // The interval that 0x80 is in may begin in ASCII.
        let others =
            [alphabet.class(of: 0x80)]
            + zip(alphabet.starts, alphabet.classes).filter { $0.0 >= 0x80 }.map(\.1)
        for symbolClass in others where seen.insert(symbolClass).inserted {
            columnOfClass[symbolClass] = joined.count
            joined.append(symbolClass)
        }
        self.alphabet = alphabet
        self.joined = joined
        kinds = joined.enumerated().map { column, symbolClass in
            SymbolKind(column < 0x80 ? UInt32(column) : alphabet.representatives[symbolClass])
        }
        (blockOf, columns) = Self.blocks(alphabet, columnOfClass)
    }

    /// The column of a symbol.
    func column(of symbol: ShadowSymbol) -> Int {
        if symbol < 0x80 { return symbol == Self.backslash ? 0x80 : Int(symbol) }
        let block = min(Int(symbol >> 8), blockOf.count - 1)
        return Int(columns[Int(blockOf[block]) << 8 | Int(symbol & 0xff)])
    }

    private static func blocks(
        _ alphabet: Alphabet,
        _ columnOfClass: [Int]
    ) -> (blockOf: [UInt16], columns: [UInt16]) {
        var blockOf: [UInt16] = []
        var columns: [UInt16] = []
        var uniform: [Int: UInt16] = [:]
        var interval = 0
        let starts = alphabet.starts
        // One block behind the last look-alike stands for everything that is no symbol.
        let last = Int(FoldTable.firstLookAlike >> 8) + 1
        for block in 0...last {
            let first = UInt32(block) << 8
            while interval + 1 < starts.count, starts[interval + 1] <= first { interval += 1 }
            let number = UInt16(columns.count >> 8)
            if interval + 1 == starts.count || starts[interval + 1] > first + 0xff {
                let column = columnOfClass[alphabet.classes[interval]]
                if let known = uniform[column] {
                    blockOf.append(known)
                    continue
                }
                uniform[column] = number
                columns += repeatElement(UInt16(column), count: 256)
            } else {
                var inner = interval
                for symbol in first...(first + 0xff) {
                    while inner + 1 < starts.count, starts[inner + 1] <= symbol { inner += 1 }
                    columns.append(UInt16(columnOfClass[alphabet.classes[inner]]))
                }
            }
            blockOf.append(number)
        }
        return (blockOf, columns)
    }
}
