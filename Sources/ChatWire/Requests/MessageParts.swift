/// The content of a message where it is an array of parts.
struct MessageParts {
    /// A part of the type that holds texts: `text`, or `input_text` (Responses).
    struct TextPart {
        /// Where the part stands in the array.
        let position: Int
        /// The part with its braces.
        let element: Range<Int>
        /// The part's text.
        let text: JSONStringRange
    }

    /// Offset behind the `[`.
    let start: Int
    /// Offset behind the last part, or `start` where there is none.
    private(set) var end: Int
    /// The parts' own ranges, text or not.
    private(set) var elements: [Range<Int>] = []
    private(set) var texts: [TextPart] = []

    private enum Key { case type, text }
    private static let keys = RequestKeys<Key>(["type": .type, "text": .text])

    /// Reads the array at `offset`, and returns the offset behind it too.
    ///
    /// - Throws: ``WireError``.
    static func read(
        _ text: Span<UInt8>,
        at offset: Int,
        texts type: StaticString = "text",
        _ path: (Int) -> BodyPath
    ) throws(WireError) -> (end: Int, parts: MessageParts) {
        var parts = MessageParts(start: offset + 1, end: offset + 1)
        var elements = JSONElements(arrayAt: offset)
        while let element = elements.next(in: text) {
            let position = parts.elements.count
            let (end, string) = try readPart(text, at: element, type, path(position))
            elements.resume(after: end)
            parts.elements.append(element..<end)
            parts.end = end
            guard let string else { continue }
            parts.texts.append(
                TextPart(position: position, element: element..<end, text: string)
            )
        }
        return (elements.end, parts)
    }

    private init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// The end of a part, and its text where it is of the type that holds texts.
    private static func readPart(
        _ text: Span<UInt8>,
        at offset: Int,
        _ type: StaticString,
        _ path: BodyPath
    ) throws(WireError) -> (end: Int, text: JSONStringRange?) {
        guard JSON.kind(text, at: offset) == .object else {
            throw WireError("'\(path.spelling)' must be an object.", param: path.spelling)
        }
        var seen: UInt32 = 0
        var isText = false
        var string: JSONStringRange?
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            switch try keys.key(of: member.key, in: text, seen: &seen, at: path) {
            case .type:
                guard JSON.kind(text, at: member.value) == .string else {
                    throw WireError(
                        "'\(path.member("type"))' must be a string.",
                        param: path.member("type")
                    )
                }
                isText = JSONString.equals(text, JSONString.scan(text, at: member.value), type)
            case .text where JSON.kind(text, at: member.value) == .string:
                string = JSONString.scan(text, at: member.value)
            case .text, nil: break
            }
        }
        if isText, string == nil {
            throw WireError(
                "'\(path.member("text"))' must be a string.",
                param: path.member("text")
            )
        }
        return (members.end, isText ? string : nil)
    }
}
