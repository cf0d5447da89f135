/// Maps offsets in a JSON string's decoded text back to its raw bytes.
///
/// A cursor: ranges asked for in ascending order cost one pass over the string in all. What comes
/// back never cuts an escape, a surrogate pair or a UTF-8 sequence in half; it grows to hold them.
public struct JSONStringMap: Sendable {
    private let string: JSONStringRange
    /// Where the unit under the cursor begins, in the text and in the decoded bytes.
    private var raw: Int
    private var decoded = 0
    /// The first escape at or after `raw`, or the end; nil while unknown.
    private var nextEscape: Int?

    /// Starts a map of one string.
    public init(_ string: JSONStringRange) {
        self.string = string
        raw = string.contents.lowerBound
    }

    /// The raw range of a range of the decoded text; an empty one stands before the unit it is in.
    public mutating func raw(_ range: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        seek(range.lowerBound, text)
        let start = raw
        guard !range.isEmpty else { return start..<start }
        seek(range.upperBound - 1, text)
        return start..<min(raw + unit(text).rawLength, string.contents.upperBound)
    }

    /// Moves the cursor to the unit that holds the decoded byte at `target`, or to the end.
    private mutating func seek(_ target: Int, _ text: Span<UInt8>) {
        if target < decoded {
            raw = string.contents.lowerBound
            decoded = 0
            nextEscape = nil
        }
        let end = string.contents.upperBound
        while raw < end {
            let escape = escapeFromHere(text)
            if target - decoded < escape - raw {
                raw += target - decoded
                decoded = target
                // Back to the beginning of the scalar; the text is well-formed.
                while raw > string.contents.lowerBound, UTF8Sequence.isContinuation(text[raw]) {
                    raw -= 1
                    decoded -= 1
                }
                return
            }
            decoded += escape - raw
            raw = escape
            guard raw < end else { return }
            let unit = unit(text)
            if target < decoded + unit.decodedLength { return }
            raw += unit.rawLength
            decoded += unit.decodedLength
            nextEscape = nil
        }
    }

    private mutating func escapeFromHere(_ text: Span<UInt8>) -> Int {
        let end = string.contents.upperBound
        guard string.hasEscapes else { return end }
        if let nextEscape, nextEscape >= raw { return nextEscape }
        let escape = ByteScan.first(UInt8(ascii: "\\"), in: text, raw..<end)
        nextEscape = escape
        return escape
    }

    private func unit(_ text: Span<UInt8>) -> (rawLength: Int, decodedLength: Int) {
        guard raw < string.contents.upperBound else { return (0, 0) }
        guard text[raw] == UInt8(ascii: "\\") else {
            let length = UTF8Sequence.announcedLength(text[raw])
            return (length, length)
        }
        let unit = JSONString.escapedUnit(text, at: raw, end: string.contents.upperBound)
        return (unit.length, UTF8Sequence.length(of: unit.scalar))
    }
}
