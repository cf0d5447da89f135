/// OpenAI's legacy completions: outputs are enforced, requests are not personalized, since a bare
/// prompt has no place for it.
enum OpenAICompletions {
    private enum Key { case model, prompt, stream, streamOptions, n, user, safetyIdentifier }

    private static let keys = RequestKeys<Key>([
        "model": .model, "prompt": .prompt, "stream": .stream, "stream_options": .streamOptions,
        "n": .n, "user": .user, "safety_identifier": .safetyIdentifier,
    ])

    /// Reads the body of `POST /v1/completions`.
    ///
    /// - Throws: ``WireError``.
    static func readRequest(_ body: Span<UInt8>) throws(WireError) -> ChatRequestOutline {
        let root = try RequestBody.object(body)
        var outline = ChatRequestOutline()
        var prompts = 1
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            let value = member.value
            switch try keys.key(of: member.key, in: body, seen: &seen, at: .body) {
            case .model: outline.model = try RequestBody.model(body, at: value)
            case .prompt: prompts = try readPrompt(body, at: value, into: &outline)
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
            case nil: break
            }
        }
        let (choices, overflows) = outline.choices.multipliedReportingOverflow(by: prompts)
        guard !overflows else { throw WireError("'n' is too large.", param: "n") }
        outline.choices = choices
        return outline
    }

    /// Reads a prompt: a string, an array of them, of tokens, or of arrays of tokens.
    ///
    /// - Returns: How many prompts there are, each of which gets `n` choices.
    private static func readPrompt(
        _ body: Span<UInt8>,
        at offset: Int,
        into outline: inout ChatRequestOutline
    ) throws(WireError) -> Int {
        switch JSON.kind(body, at: offset) {
        case .string:
            outline.lastUserTexts = [JSONString.scan(body, at: offset)]
        case .array:
            var count = 0
            var elements = JSONElements(arrayAt: offset)
            while let element = elements.next(in: body) {
                switch JSON.kind(body, at: element) {
                case .string:
                    outline.lastUserTexts = [JSONString.scan(body, at: element)]
                    count += 1
                case .array: count += 1
                case .number: continue
                default:
                    throw WireError(
                        "'prompt' must hold strings, or tokens as numbers.",
                        param: "prompt"
                    )
                }
            }
            outline.userTurns = 1
            return max(count, 1)
        case .null: return 1
        default:
            throw WireError("'prompt' must be a string or an array.", param: "prompt")
        }
        outline.userTurns = 1
        return 1
    }

    /// The choice of a whole answer or of a chunk that was blocked: nothing of its text is left.
    static func blockedChoice(_ index: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"index\":")
        bytes.append(contentsOf: String(index).utf8)
        bytes.append(",\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"content_filter\"}")
        return bytes
    }
}
