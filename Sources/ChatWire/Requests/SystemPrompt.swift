/// The texts of a request's system prompt: where a block goes, and which blocks are there.
struct SystemPrompt {
    /// One of the texts.
    struct Text {
        let content: ChatMessage.Content
        /// Where the block goes if the text is missing.
        let absent: BlockSite

        /// The content of a leading system or developer message.
        init(_ message: ChatMessage) {
            content = message.content
            absent = .member("content", at: message.start + 1, isAlone: false)
        }

        /// The value of a member of the body.
        init(_ content: ChatMessage.Content, absent: BlockSite) {
            self.content = content
            self.absent = absent
        }
    }

    private let texts: [Text]
    private var removals: [Splice] = []
    private var blockCount = 0
    /// Strings that are blank once their blocks are gone, by the offset of their contents.
    private var blanked: Set<Int> = []

    init(_ texts: [Text], _ body: Span<UInt8>) {
        self.texts = texts
        for text in texts {
            switch text.content {
            case .missing, .null: break
            case .string(let string): removeBlocks(body, string)
            case .parts(let parts): removeBlocks(body, parts)
            }
        }
    }

    /// Writes the sites and removals down; `fresh` is the site where there is no such text.
    func locate(into outline: inout ChatRequestOutline, otherwise fresh: BlockSite) {
        outline.removals = removals
        outline.earlierBlockCount = blockCount
        outline.endSite = texts.last.map { site($0, .end) } ?? fresh
        outline.startSite = texts.first.map { site($0, .start) } ?? fresh
    }

    /// Writes down the removals of texts that no block goes into.
    func addRemovals(to outline: inout ChatRequestOutline) {
        outline.removals += removals
        outline.earlierBlockCount += blockCount
    }

    private func site(_ text: Text, _ placement: PreferenceBlock.Placement) -> BlockSite {
        switch text.content {
        case .missing: return text.absent
        case .null(let range): return .null(range)
        case .string(let string):
            let contents = string.contents
            return .string(
                at: placement == .end ? contents.upperBound : contents.lowerBound,
                isBlank: contents.isEmpty || blanked.contains(contents.lowerBound)
            )
        case .parts(let parts):
            return .part(
                at: placement == .end ? parts.end : parts.elements.first?.lowerBound ?? parts.start,
                isBlank: parts.elements.isEmpty
            )
        }
    }

    private mutating func removeBlocks(_ body: Span<UInt8>, _ string: JSONStringRange) {
        let blocks = Self.blocks(body, string)
        removals += blocks.ranges.map { Splice($0, []) }
        blockCount += blocks.ranges.count
        if blocks.coverAll { blanked.insert(string.contents.lowerBound) }
    }

    /// A part that is nothing but a block goes whole, with a comma beside it.
    ///
    /// Where there is no
    /// other part the first one stays, emptied, so that an array never becomes empty.
    private mutating func removeBlocks(_ body: Span<UInt8>, _ parts: MessageParts) {
        let found = parts.texts.map { ($0, Self.blocks(body, $0.text)) }
        let whole = Set(found.filter { $0.1.coverAll }.map(\.0.position))
        let firstKept = parts.elements.indices.first { !whole.contains($0) } ?? 0
        for (part, blocks) in found {
            blockCount += blocks.ranges.count
            if whole.contains(part.position), part.position != firstKept {
                let range = Self.withComma(part, parts, isBeforeKept: part.position < firstKept)
                removals.append(Splice(range, []))
            } else {
                removals += blocks.ranges.map { Splice($0, []) }
            }
        }
    }

    private static func withComma(
        _ part: MessageParts.TextPart,
        _ parts: MessageParts,
        isBeforeKept: Bool
    ) -> Range<Int> {
        isBeforeKept
            ? part.element.lowerBound..<parts.elements[part.position + 1].lowerBound
            : parts.elements[part.position - 1].upperBound..<part.element.upperBound
    }

    /// The blocks in one string, and whether there is nothing else in it.
    static func blocks(
        _ body: Span<UInt8>,
        _ string: JSONStringRange
    ) -> (ranges: [Range<Int>], coverAll: Bool) {
        // The opening marker holds quotes, which a JSON string cannot hold unescaped.
        guard string.hasEscapes else { return ([], false) }
        var decoded: [UInt8] = []
        JSONString.decode(body, string, into: &decoded)
        let found = PreferenceBlock.find(in: decoded)
        guard !found.isEmpty else { return ([], false) }
        var map = JSONStringMap(string)
        let covered = found.reduce(0) { $0 + $1.count }
        return (found.map { map.raw($0, in: body) }, covered == decoded.count)
    }
}
