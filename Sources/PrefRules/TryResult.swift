/// One match found when trying the rules on a text.
///
/// Unlike anything that is logged, it holds the text: it is for the person who supplied it.
public struct TryResult: Sendable, Hashable {
    /// The rule that matched.
    public let rule: Rule
    /// UTF-8 byte offsets into the text.
    public let range: Range<Int>
    /// What matched, as it was written.
    public let matched: String
    /// What matched, as the rules see it.
    public let normalized: String
}
