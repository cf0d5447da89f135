/// A request's `input`, as far as prefd reads it: one text of the user's, or items.
struct InputItems {
    /// The contents of the system and developer messages in front.
    private(set) var leading: [ChatMessage.Content] = []
    private var userTexts: [JSONStringRange] = []
    /// The texts of the user's messages before the last, the latest first.
    private var earlierUserTexts: [[JSONStringRange]] = []
    private var userTurns = 0
    private var count = 0

    private enum Key { case role, content }
    private static let keys = RequestKeys<Key>(["role": .role, "content": .content])

    /// Reads the value at `offset`.
    ///
    /// - Throws: ``WireError``.
    init(_ body: Span<UInt8>, at offset: Int) throws(WireError) {
        switch JSON.kind(body, at: offset) {
        case .string:
            userTexts = [JSONString.scan(body, at: offset)]
            userTurns = 1
            count = 1
        case .array:
            var isLeading = true
            var elements = JSONElements(arrayAt: offset)
            while let element = elements.next(in: body) {
                elements.resume(after: try readItem(body, at: element, &isLeading))
                count += 1
            }
        case .null: break
        default: throw WireError("'input' must be a string or an array of items.", param: "input")
        }
    }

    /// Writes down what was found.
    func note(into outline: inout ChatRequestOutline) {
        outline.messageCount = count
        outline.userTurns = userTurns
        outline.lastUserTexts = userTexts
        outline.earlierUserTexts = earlierUserTexts
    }

    /// Reads an item, and returns the offset behind it; only messages have a role.
    private mutating func readItem(
        _ body: Span<UInt8>,
        at offset: Int,
        _ isLeading: inout Bool
    ) throws(WireError) -> Int {
        let path = BodyPath.inputItem(count)
        guard JSON.kind(body, at: offset) == .object else {
            throw WireError("'\(path.spelling)' must be an object.", param: path.spelling)
        }
        var role: JSONStringRange?
        var content: Int?
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: body) {
            switch try Self.keys.key(of: member.key, in: body, seen: &seen, at: path) {
            case .role where JSON.kind(body, at: member.value) == .string:
                role = JSONString.scan(body, at: member.value)
            case .role where JSON.kind(body, at: member.value) != .null:
                let param = path.member("role")
                throw WireError("'\(param)' must be a string.", param: param)
            case .content: content = member.value
            case .role, nil: break
            }
        }
        let isSystem = role.map {
            JSONString.equals(body, $0, "system") || JSONString.equals(body, $0, "developer")
        }
        isLeading = isLeading && isSystem == true
        let isUser = role.map { JSONString.equals(body, $0, "user") } ?? false
        guard isUser || isLeading, let content else { return members.end }
        let read = try readContent(body, at: content)
        if isLeading { leading.append(read) }
        if isUser {
            if userTurns > 0 {
                earlierUserTexts.insert(userTexts, at: 0)
                if earlierUserTexts.count > MessageList.earlierMessages {
                    earlierUserTexts.removeLast()
                }
            }
            userTurns += 1
            userTexts = read.texts
        }
        return members.end
    }

    private func readContent(
        _ body: Span<UInt8>,
        at offset: Int
    ) throws(WireError) -> ChatMessage.Content {
        switch JSON.kind(body, at: offset) {
        case .string: return .string(JSONString.scan(body, at: offset))
        case .null: return .null(offset..<offset + 4)
        case .array:
            let parts = try MessageParts.read(body, at: offset, texts: "input_text") { part in
                .inputPart(part, of: count)
            }
            return .parts(parts.parts)
        default:
            let param = BodyPath.inputItem(count).member("content")
            throw WireError("'\(param)' must be a string or an array of parts.", param: param)
        }
    }
}
