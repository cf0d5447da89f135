/// One message of a request's `messages`, as far as prefd reads it.
struct ChatMessage {
    enum Content {
        case missing
        case null(Range<Int>)
        case string(JSONStringRange)
        case parts(MessageParts)

        /// The texts in it, in order.
        var texts: [JSONStringRange] {
            switch self {
            case .missing, .null: []
            case .string(let string): [string]
            case .parts(let parts): parts.texts.map(\.text)
            }
        }
    }

    /// Offset of the `{`.
    let start: Int
    /// Offset behind the `}`.
    private(set) var end: Int
    private(set) var role: JSONStringRange
    private(set) var content = Content.missing

    private enum Key { case role, content }
    private static let keys = RequestKeys<Key>(["role": .role, "content": .content])

    /// Reads the message at `offset`; `position` is its place in the array, for errors.
    ///
    /// - Throws: ``WireError``.
    init(_ text: Span<UInt8>, at offset: Int, position: Int) throws(WireError) {
        let path = BodyPath.message(position)
        guard JSON.kind(text, at: offset) == .object else {
            throw WireError("'\(path.spelling)' must be an object.", param: path.spelling)
        }
        start = offset
        end = offset
        role = JSONStringRange(contents: offset..<offset, hasEscapes: false)
        var hasRole = false
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            switch try Self.keys.key(of: member.key, in: text, seen: &seen, at: path) {
            case .role:
                guard JSON.kind(text, at: member.value) == .string else {
                    throw WireError(
                        "'\(path.member("role"))' must be a string.",
                        param: path.member("role")
                    )
                }
                hasRole = true
                role = JSONString.scan(text, at: member.value)
                members.resume(after: role.contents.upperBound + 1)
            case .content:
                members.resume(after: try readContent(text, at: member.value, position))
            case nil: break
            }
        }
        end = members.end
        guard hasRole else {
            throw WireError("'\(path.spelling)' has no 'role'.", param: path.member("role"))
        }
    }

    /// Whether the message is one of the prompt's, when it stands in front.
    func isSystem(_ text: Span<UInt8>) -> Bool {
        JSONString.equals(text, role, "system") || JSONString.equals(text, role, "developer")
    }

    /// Whether the message is the user's.
    func isUser(_ text: Span<UInt8>) -> Bool { JSONString.equals(text, role, "user") }

    /// The message's texts, in order.
    var texts: [JSONStringRange] { content.texts }

    private mutating func readContent(
        _ text: Span<UInt8>,
        at offset: Int,
        _ position: Int
    ) throws(WireError) -> Int {
        switch JSON.kind(text, at: offset) {
        case .string:
            let string = JSONString.scan(text, at: offset)
            content = .string(string)
            return string.contents.upperBound + 1
        case .null:
            content = .null(offset..<offset + 4)
            return offset + 4
        case .array:
            let (end, parts) = try MessageParts.read(text, at: offset) { .part($0, of: position) }
            content = .parts(parts)
            return end
        default:
            let path = BodyPath.message(position).member("content")
            throw WireError("'\(path)' must be a string, an array of parts or null.", param: path)
        }
    }
}
