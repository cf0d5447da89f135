/// A rule's match, as byte offsets into the channel's text.
struct Hit: Hashable, Sendable {
    /// The rule's index in the rule set.
    let rule: Int
    /// The bytes of the match.
    let range: Range<Int>
}

/// Finds the matches of all rules in one stream of shadow symbols.
///
/// The seam behind which engines are exchanged: what it reports must depend on the symbols alone,
/// never on how they were cut into calls. Every occurrence counts: for each start the longest
/// match, reported once nothing that begins there can match any more.
protocol StreamMatcher: Sendable {
    /// Takes plain ASCII bytes (`ByteClass.isPlain`) until one is not.
    ///
    /// - Parameters:
    ///   - bytes: a chunk.
    ///   - first: the index of the first byte to take.
    ///   - base: the offset in the channel of the chunk's first byte.
    /// - Returns: the index of the first byte that was not taken.
    mutating func skim(_ bytes: Span<UInt8>, from first: Int, base: Int) -> Int
    /// Takes one symbol.
    mutating func feed(_ piece: ShadowPiece)
    /// Takes marks that belong to the last symbol.
    mutating func extendLast(to end: Int)
    /// Ends the text.
    mutating func finish()
    /// Where the last symbol ends, or 0.
    var lastEnd: Int { get }
    /// Where it ends without its marks.
    var lastBareEnd: Int { get }
    /// Where the oldest start is that text must be held for.
    var heldStart: Int? { mutating get }
    /// The matches found since the last call, in the order in which they were decided.
    mutating func takeHits() -> [Hit]
}
