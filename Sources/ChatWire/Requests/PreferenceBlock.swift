/// The text that carries a user's preferences in a prompt, between two fixed markers.
public enum PreferenceBlock {
    /// What the block begins with.
    public static let opening = "<user_preferences source=\"prefd\">"
    /// What the block ends with.
    public static let closing = "</user_preferences>"
    /// What stands between an app's own prompt and the block.
    public static let separator = "\n\n"

    /// Where in the app's prompt the block goes.
    public enum Placement: Sendable {
        /// Behind it, so that the prompt's long prefix stays the same across users.
        case end
        /// Before it.
        case start
    }

    /// Finds the blocks in a prompt, each with the separator that was added with it.
    ///
    /// - Returns: Ranges of `text`, in order. An opening without a closing is not a block.
    static func find(in text: [UInt8]) -> [Range<Int>] {
        let opening = Array(Self.opening.utf8)
        let closing = Array(Self.closing.utf8)
        var found: [Range<Int>] = []
        var position = 0
        while let start = index(of: opening, in: text, from: position),
            let close = index(of: closing, in: text, from: start + opening.count)
        {
            let end = close + closing.count
            found.append(withSeparator(start..<end, in: text, after: position))
            position = found.last?.upperBound ?? end
        }
        return found
    }

    /// The separator is taken from before the block; where the block stands first, from behind it.
    private static func withSeparator(
        _ block: Range<Int>,
        in text: [UInt8],
        after floor: Int
    ) -> Range<Int> {
        if block.lowerBound >= floor + 2, text[block.lowerBound - 1] == 0x0A,
            text[block.lowerBound - 2] == 0x0A
        {
            return block.lowerBound - 2..<block.upperBound
        }
        if block.lowerBound == 0, block.upperBound + 2 <= text.count,
            text[block.upperBound] == 0x0A, text[block.upperBound + 1] == 0x0A
        {
            return block.lowerBound..<block.upperBound + 2
        }
        return block
    }

    private static func index(of needle: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        let span = text.span
        var offset = start
        while offset + needle.count <= text.count {
            let last = text.count - needle.count + 1
            offset = ByteScan.first(needle[0], in: span, offset..<last)
            guard offset < last else { return nil }
            if text[offset..<offset + needle.count].elementsEqual(needle) { return offset }
            offset += 1
        }
        return nil
    }
}
