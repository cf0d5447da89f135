/// The Anthropic Messages dialect.
enum AnthropicMessages {
    private enum Key { case model, messages, system, stream, metadata }

    private static let keys = RequestKeys<Key>([
        "model": .model, "messages": .messages, "system": .system, "stream": .stream,
        "metadata": .metadata,
    ])

    /// Reads the body of `POST /v1/messages`.
    ///
    /// - Throws: ``WireError``.
    static func readRequest(_ body: Span<UInt8>) throws(WireError) -> ChatRequestOutline {
        let root = try RequestBody.object(body)
        var outline = ChatRequestOutline()
        var system = ChatMessage.Content.missing
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            let value = member.value
            switch try keys.key(of: member.key, in: body, seen: &seen, at: .body) {
            case .model: outline.model = try RequestBody.model(body, at: value)
            case .messages:
                let messages = try MessageList(body, at: value, toolResultsAreUsers: true)
                messages.note(into: &outline)
                members.resume(after: messages.end)
            case .system: system = try readSystem(body, at: value)
            case .stream:
                outline.stream =
                    try RequestValue.bool(body, at: value, param: "stream") ?? false
            case .metadata:
                outline.endUser.metadataUserID = try RequestBody.metadataUserID(body, at: value)
            case nil: break
            }
        }
        guard outline.messageCount > 0 else { throw .noMessages }
        let absent = BlockSite.member("system", at: root + 1, isAlone: false)
        SystemPrompt([SystemPrompt.Text(system, absent: absent)], body)
            .locate(into: &outline, otherwise: absent)
        return outline
    }

    private static func readSystem(
        _ body: Span<UInt8>,
        at offset: Int
    ) throws(WireError) -> ChatMessage.Content {
        switch JSON.kind(body, at: offset) {
        case .string: .string(JSONString.scan(body, at: offset))
        case .null: .null(offset..<offset + 4)
        case .array: .parts(try MessageParts.read(body, at: offset) { .systemPart($0) }.parts)
        default:
            throw WireError(
                "'system' must be a string or an array of text blocks.",
                param: "system"
            )
        }
    }
}
