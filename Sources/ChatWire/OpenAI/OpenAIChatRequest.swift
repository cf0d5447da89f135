/// The OpenAI Chat Completions dialect.
public enum OpenAIChat {
    private enum Key {
        case model, messages, stream, streamOptions, n, user, safetyIdentifier, metadata
    }

    private static let keys = RequestKeys<Key>([
        "model": .model, "messages": .messages, "stream": .stream,
        "stream_options": .streamOptions, "n": .n, "user": .user,
        "safety_identifier": .safetyIdentifier, "metadata": .metadata,
    ])

    /// Reads the body of `POST /v1/chat/completions`.
    ///
    /// - Throws: ``WireError`` for a body that is not JSON, lacks messages, has a member of a wrong
    ///   type, or could be read differently by another server.
    public static func readRequest(
        _ body: Span<UInt8>
    ) throws(WireError) -> ChatRequestOutline {
        let root = try RequestBody.object(body)
        var outline = ChatRequestOutline()
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            let value = member.value
            switch try keys.key(of: member.key, in: body, seen: &seen, at: .body) {
            case .model: outline.model = try RequestBody.model(body, at: value)
            case .messages:
                let messages = try MessageList(body, at: value)
                guard messages.count > 0 else {
                    throw WireError(
                        "'messages' must hold at least one message.",
                        param: "messages"
                    )
                }
                messages.note(into: &outline)
                messages.locateBlock(body, into: &outline)
                members.resume(after: messages.end)
            case .stream:
                outline.stream =
                    try RequestValue.bool(body, at: value, param: "stream") ?? false
            case .streamOptions:
                outline.includesUsage = try RequestBody.includesUsage(body, at: value)
            case .n: outline.choices = try RequestValue.count(body, at: value, param: "n") ?? 1
            case .user:
                outline.endUser.user = try RequestValue.string(body, at: value, param: "user")
            case .safetyIdentifier:
                outline.endUser.safetyIdentifier =
                    try RequestValue.string(body, at: value, param: "safety_identifier")
            case .metadata:
                outline.endUser.metadataUserID = try RequestBody.metadataUserID(body, at: value)
            case nil: break
            }
        }
        guard outline.messageCount > 0 else { throw .noMessages }
        return outline
    }
}
