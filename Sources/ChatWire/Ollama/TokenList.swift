/// The tokens that Ollama gives with an answer, and that a request gives back to carry it on.
public struct TokenList: Hashable, Sendable {
    /// Where the array stands.
    var range: Range<Int>

    /// The array at `offset`; nil where there is none, or nothing in it.
    init?(_ text: Span<UInt8>, at offset: Int) {
        guard JSON.kind(text, at: offset) == .array,
            text[JSON.skipSpace(text, offset + 1)] != UInt8(ascii: "]")
        else { return nil }
        range = offset..<JSON.end(text, ofValueAt: offset)
    }

    /// Feeds the tokens to a hash, the same however they are spaced.
    public func hash(in text: Span<UInt8>, into hasher: inout Hasher) {
        for offset in range where text[offset] > UInt8(ascii: " ") { hasher.combine(text[offset]) }
    }
}
