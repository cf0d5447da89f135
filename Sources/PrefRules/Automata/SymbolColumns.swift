/// The columns that the tables of a surface have in common.
///
/// Columns 0–127 are the plain ASCII characters; from 128 on the classes of all other symbols, of
/// which the first is the backslash, since its byte may begin an escape.
struct SymbolColumns: Sendable {
    /// The classes that no rule of the surface tells apart.
    let alphabet: Alphabet
    /// The class of each column.
    let joined: [Int]
    /// The kind of each class's symbols.
    let kinds: [SymbolKind]
    private let columnOfClass: [Int]

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
        self.columnOfClass = columnOfClass
        kinds = alphabet.representatives.map { SymbolKind($0) }
    }

    /// The column of a symbol.
    func column(of symbol: ShadowSymbol) -> Int {
        if symbol < 0x80 { return symbol == Self.backslash ? 0x80 : Int(symbol) }
        return columnOfClass[alphabet.class(of: symbol)]
    }
}
