/// The leading system and developer messages of a request: where a block goes, and which are there.
struct SystemPrompt {
    private let messages: [ChatMessage]
    private var removals: [Splice] = []
    private var blockCount = 0
    /// Strings that are blank once their blocks are gone, by the offset of their contents.
    private var blanked: Set<Int> = []

    init(_ messages: [ChatMessage], _ body: Span<UInt8>) {
        self.messages = messages
        for message in messages {
            switch message.content {
            case .missing, .null: break
            case .string(let string): removeBlocks(body, string)
            case .parts(let parts): removeBlocks(body, parts)
            }
        }
    }

    /// Writes the sites and removals down; without such messages the site is a new one at `offset`.
    func locate(into outline: inout ChatRequestOutline, newMessageAt offset: Int) {
        outline.removals = removals
        outline.earlierBlockCount = blockCount
        outline.endSite = messages.last.map { site($0, .end) } ?? .message(at: offset)
        outline.startSite = messages.first.map { site($0, .start) } ?? .message(at: offset)
    }

    private func site(
        _ message: ChatMessage,
        _ placement: PreferenceBlock.Placement
    ) -> BlockSite {
        switch message.content {
        case .missing: return .missing(at: message.start + 1)
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

    private static func blocks(
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
