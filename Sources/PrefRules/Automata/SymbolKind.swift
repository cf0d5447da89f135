/// What a symbol is to the conditions `\b`, `^` and `$`.
enum SymbolKind: UInt8, CaseIterable {
    /// None of the others.
    case other
    /// Part of a word.
    case word
    /// A line feed.
    case newline
    /// A look-alike of a word character that may as well be a letter of another script.
    case either
    /// No symbol: the text begins or ends here.
    case edge

    /// The kind of a symbol; past the last look-alike, `other`.
    init(_ symbol: ShadowSymbol, table: FoldTable = .shared) {
        if symbol >= FoldTable.firstLookAlike {
            let index = Int(symbol - FoldTable.firstLookAlike)
            guard index < table.lookAlikes.count else {
                self = .other
                return
            }
            let lookAlike = table.lookAlikes[index]
            let isWord = SymbolSet.wordCharacters.contains(lookAlike.preferred)
            self = !isWord ? .other : lookAlike.itself ? .either : .word
        } else if symbol == 0x0a {
            self = .newline
        } else {
            self = SymbolSet.wordCharacters.contains(symbol) ? .word : .other
        }
    }
}

extension Assertion {
    /// Whether the condition holds between two symbols.
    func holds(between previous: SymbolKind, and next: SymbolKind) -> Bool {
        switch self {
        case .wordBoundary:
            previous == .either || next == .either || (previous == .word) != (next == .word)
        case .notWordBoundary:
            previous == .either || next == .either || (previous == .word) == (next == .word)
        case .textStart: previous == .edge
        case .textEnd: next == .edge
        case .lineStart: previous == .edge || previous == .newline
        case .lineEnd: next == .edge || next == .newline
        }
    }
}
