/// Ollama's own dialect.
///
/// Its streams are JSON lines, and what does not say otherwise is streamed.
enum Ollama {
    private enum ChatKey { case model, messages, stream }
    private enum GenerateKey { case model, prompt, system, stream, raw, context }

    private static let chatKeys = RequestKeys<ChatKey>([
        "model": .model, "messages": .messages, "stream": .stream,
    ])
    private static let generateKeys = RequestKeys<GenerateKey>([
        "model": .model, "prompt": .prompt, "system": .system, "stream": .stream, "raw": .raw,
        "context": .context,
    ])

    /// Reads the body of `POST /api/chat`.
    ///
    /// Without messages it only asks for the model to be loaded, and takes no block.
    ///
    /// - Throws: ``WireError``.
    static func readChatRequest(_ body: Span<UInt8>) throws(WireError) -> ChatRequestOutline {
        let root = try RequestBody.object(body)
        var outline = ChatRequestOutline()
        outline.stream = true
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            let value = member.value
            switch try chatKeys.key(of: member.key, in: body, seen: &seen, at: .body) {
            case .model: outline.model = try RequestBody.model(body, at: value)
            case .messages where JSON.kind(body, at: value) == .null: break
            case .messages:
                let messages = try MessageList(body, at: value)
                messages.note(into: &outline)
                if messages.count > 0 { messages.locateBlock(body, into: &outline) }
                members.resume(after: messages.end)
            case .stream:
                outline.stream = try RequestValue.bool(body, at: value, param: "stream") ?? true
            case nil: break
            }
        }
        return outline
    }

    /// Reads the body of `POST /api/generate`.
    ///
    /// A raw prompt takes no block, since its system prompt is not looked at; nor does a request
    /// without a prompt, which only asks for the model to be loaded.
    ///
    /// - Throws: ``WireError``.
    static func readGenerateRequest(_ body: Span<UInt8>) throws(WireError) -> ChatRequestOutline {
        let root = try RequestBody.object(body)
        var outline = ChatRequestOutline()
        outline.stream = true
        var system = ChatMessage.Content.missing
        var isRaw = false
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            let value = member.value
            switch try generateKeys.key(of: member.key, in: body, seen: &seen, at: .body) {
            case .model: outline.model = try RequestBody.model(body, at: value)
            case .prompt:
                guard let prompt = try string(body, at: value, "prompt") else { continue }
                outline.lastUserTexts = [prompt]
            case .system:
                system =
                    try string(body, at: value, "system").map { .string($0) }
                    ?? .null(value..<value + 4)
            case .stream:
                outline.stream = try RequestValue.bool(body, at: value, param: "stream") ?? true
            case .raw: isRaw = try RequestValue.bool(body, at: value, param: "raw") ?? false
            case .context:
                outline.continuesElsewhere = JSON.kind(body, at: value) != .null
                outline.context = TokenList(body, at: value)
            case nil: break
            }
        }
        guard let prompt = outline.lastUserTexts.first, !prompt.contents.isEmpty else {
            return outline
        }
        outline.messageCount = 1
        outline.userTurns = 1
        guard !isRaw else { return outline }
        let absent = BlockSite.member("system", at: root + 1, isAlone: false)
        SystemPrompt([SystemPrompt.Text(system, absent: absent)], body)
            .locate(into: &outline, otherwise: absent)
        return outline
    }

    private static func string(
        _ body: Span<UInt8>,
        at offset: Int,
        _ name: String
    ) throws(WireError) -> JSONStringRange? {
        switch JSON.kind(body, at: offset) {
        case .string: JSONString.scan(body, at: offset)
        case .null: nil
        default: throw WireError("'\(name)' must be a string.", param: name)
        }
    }
}
