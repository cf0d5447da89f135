/// The form in which rules see text.
///
/// Compatibility variants, accents, look-alike letters and invisible characters are gone, and
/// escapes `\uXXXX`, percent-encoding and character references are undone; case stays.
public enum Shadow {
    /// The normalized form of a text, look-alikes shown as what they most likely stand for.
    public static func fold(_ text: String) -> String {
        var references = ReferenceStage()
        var escapes = EscapeStage(.unicode)
        var folded = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let piece = ShadowPiece(scalar: scalar.value, start: 0, end: 0)
            for piece in escapes.take(piece) {
                for piece in references.take(piece) { append(piece.scalar, to: &folded) }
            }
        }
        for piece in escapes.flush() {
            for piece in references.take(piece) { append(piece.scalar, to: &folded) }
        }
        for piece in references.flush() { append(piece.scalar, to: &folded) }
        return String(folded)
    }

    private static func append(_ scalar: UInt32, to text: inout String.UnicodeScalarView) {
        let table = FoldTable.shared
        let symbols: [ShadowSymbol] =
            switch table.folding(of: scalar) {
            case .same: [scalar]
            case .symbol(let symbol): [symbol]
            case .sequence(let symbols): symbols
            case .format, .mark: []
            }
        for symbol in symbols {
            let shown =
                symbol < FoldTable.firstLookAlike
                ? symbol : table.lookAlikes[Int(symbol - FoldTable.firstLookAlike)].preferred
            if let scalar = Unicode.Scalar(shown) { text.append(scalar) }
        }
    }
}
