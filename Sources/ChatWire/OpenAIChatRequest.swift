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
    private static let streamKeys = RequestKeys<Void>(["include_usage": ()])
    private static let metadataKeys = RequestKeys<Void>(["user_id": ()])

    /// Reads the body of `POST /v1/chat/completions`.
    ///
    /// - Throws: ``WireError`` for a body that is not JSON, lacks messages, has a member of a wrong
    ///   type, or could be read differently by another server.
    public static func readRequest(
        _ body: Span<UInt8>
    ) throws(WireError) -> ChatRequestOutline {
        do throws(JSONError) { try JSON.validate(body) } catch { throw WireError(error) }
        let root = JSON.root(body)
        guard JSON.kind(body, at: root) == .object else {
            throw WireError("The request body must be a JSON object.")
        }
        var outline = ChatRequestOutline()
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            let value = member.value
            switch try keys.key(of: member.key, in: body, seen: &seen, at: .body) {
            case .model:
                guard JSON.kind(body, at: value) == .string else {
                    throw WireError("'model' must be a string.", param: "model")
                }
                outline.model = try RequestValue.string(body, at: value, param: "model")
            case .messages: members.resume(after: try readMessages(body, at: value, into: &outline))
            case .stream:
                outline.stream =
                    try RequestValue.bool(body, at: value, param: "stream") ?? false
            case .streamOptions: try readStreamOptions(body, at: value, into: &outline)
            case .n: outline.choices = try RequestValue.count(body, at: value, param: "n") ?? 1
            case .user:
                outline.endUser.user = try RequestValue.string(body, at: value, param: "user")
            case .safetyIdentifier:
                outline.endUser.safetyIdentifier =
                    try RequestValue.string(body, at: value, param: "safety_identifier")
            case .metadata: try readMetadata(body, at: value, into: &outline)
            case nil: break
            }
        }
        guard outline.messageCount > 0 else {
            throw WireError(
                "'messages' is missing: send an array with at least one message.",
                param: "messages"
            )
        }
        return outline
    }

    private static func readStreamOptions(
        _ body: Span<UInt8>,
        at offset: Int,
        into outline: inout ChatRequestOutline
    ) throws(WireError) {
        let path = "stream_options"
        guard try RequestValue.isObject(body, at: offset, param: path) else { return }
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: body) {
            guard
                try streamKeys.key(
                    of: member.key,
                    in: body,
                    seen: &seen,
                    at: .member("stream_options")
                ) != nil
            else { continue }
            outline.includesUsage =
                try RequestValue.bool(body, at: member.value, param: "\(path).include_usage")
                ?? false
        }
    }

    private static func readMetadata(
        _ body: Span<UInt8>,
        at offset: Int,
        into outline: inout ChatRequestOutline
    ) throws(WireError) {
        guard try RequestValue.isObject(body, at: offset, param: "metadata") else { return }
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: body) {
            guard
                try metadataKeys.key(of: member.key, in: body, seen: &seen, at: .member("metadata"))
                    != nil
            else { continue }
            outline.endUser.metadataUserID =
                try RequestValue.string(body, at: member.value, param: "metadata.user_id")
        }
    }

    /// - Returns: The offset behind the array.
    private static func readMessages(
        _ body: Span<UInt8>,
        at offset: Int,
        into outline: inout ChatRequestOutline
    ) throws(WireError) -> Int {
        guard JSON.kind(body, at: offset) == .array else {
            throw WireError("'messages' must be an array.", param: "messages")
        }
        var leading: [ChatMessage] = []
        var isLeading = true
        var lastUser: ChatMessage?
        var elements = JSONElements(arrayAt: offset)
        while let element = elements.next(in: body) {
            let message = try ChatMessage(
                body,
                at: element,
                position: outline.messageCount
            )
            elements.resume(after: message.end)
            outline.messageCount += 1
            isLeading = isLeading && message.isSystem(body)
            if isLeading { leading.append(message) }
            guard message.isUser(body) else { continue }
            outline.userTurns += 1
            lastUser = message
        }
        guard outline.messageCount > 0 else {
            throw WireError("'messages' must hold at least one message.", param: "messages")
        }
        outline.lastUserMessage = lastUser?.start
        outline.lastUserTexts = lastUser?.texts ?? []
        SystemPrompt(leading, body).locate(into: &outline, newMessageAt: offset + 1)
        return elements.end
    }
}
