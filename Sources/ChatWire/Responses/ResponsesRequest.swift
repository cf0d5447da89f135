/// The OpenAI Responses dialect.
enum OpenAIResponses {
    private enum Key {
        case model, input, instructions, stream, background, user, safetyIdentifier, metadata
        case previousResponse, conversation
    }

    private static let keys = RequestKeys<Key>([
        "model": .model, "input": .input, "instructions": .instructions, "stream": .stream,
        "background": .background, "user": .user, "safety_identifier": .safetyIdentifier,
        "metadata": .metadata, "previous_response_id": .previousResponse,
        "conversation": .conversation,
    ])

    /// Reads the body of `POST /v1/responses`.
    ///
    /// Instructions are not carried over from an earlier response, so the block goes into every
    /// request's; blocks that an app copied into its own instructions or input are found.
    ///
    /// - Throws: ``WireError``.
    static func readRequest(_ body: Span<UInt8>) throws(WireError) -> ChatRequestOutline {
        let root = try RequestBody.object(body)
        var outline = ChatRequestOutline()
        var instructions = ChatMessage.Content.missing
        var leading: [SystemPrompt.Text] = []
        let isEmpty = body[JSON.skipSpace(body, root + 1)] == UInt8(ascii: "}")
        let absent = BlockSite.member("instructions", at: root + 1, isAlone: isEmpty)
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            let value = member.value
            switch try keys.key(of: member.key, in: body, seen: &seen, at: .body) {
            case .model: outline.model = try RequestBody.model(body, at: value)
            case .input:
                let input = try InputItems(body, at: value)
                input.note(into: &outline)
                leading = input.leading.map { SystemPrompt.Text($0, absent: absent) }
            case .instructions: instructions = try readInstructions(body, at: value)
            case .stream:
                outline.stream =
                    try RequestValue.bool(body, at: value, param: "stream") ?? false
            case .background:
                if try RequestValue.bool(body, at: value, param: "background") ?? false {
                    throw noBackground
                }
            case .user:
                outline.endUser.user = try RequestValue.string(body, at: value, param: "user")
            case .safetyIdentifier:
                outline.endUser.safetyIdentifier =
                    try RequestValue.string(body, at: value, param: "safety_identifier")
            case .metadata:
                outline.endUser.metadataUserID = try RequestBody.metadataUserID(body, at: value)
            case .previousResponse:
                outline.previousResponse =
                    try RequestValue.string(body, at: value, param: "previous_response_id")
                outline.continuesElsewhere =
                    outline.continuesElsewhere || outline.previousResponse != nil
            case .conversation:
                outline.conversation = conversation(body, at: value)
                outline.continuesElsewhere =
                    outline.continuesElsewhere || JSON.kind(body, at: value) != .null
            case nil: break
            }
        }
        SystemPrompt([SystemPrompt.Text(instructions, absent: absent)], body)
            .locate(into: &outline, otherwise: absent)
        SystemPrompt(leading, body).addRemovals(to: &outline)
        return outline
    }

    /// The id, which stands there itself or in an object; nil where there is none.
    private static func conversation(_ body: Span<UInt8>, at offset: Int) -> String? {
        switch JSON.kind(body, at: offset) {
        case .string: return JSONString.decoded(body, JSONString.scan(body, at: offset))
        case .object:
            var members = JSONMembers(objectAt: offset)
            while let member = members.next(in: body) {
                guard member.isNamed("id", body), JSON.kind(body, at: member.value) == .string
                else { continue }
                return JSONString.decoded(body, JSONString.scan(body, at: member.value))
            }
            return nil
        default: return nil
        }
    }

    private static let noBackground = WireError(
        "'background' is not served: the answer would be fetched later, from an endpoint where no "
            + "rule could watch it. Leave it out; with 'stream' a long answer can be followed.",
        param: "background"
    )

    private static func readInstructions(
        _ body: Span<UInt8>,
        at offset: Int
    ) throws(WireError) -> ChatMessage.Content {
        switch JSON.kind(body, at: offset) {
        case .string: .string(JSONString.scan(body, at: offset))
        case .null: .null(offset..<offset + 4)
        default: throw WireError("'instructions' must be a string.", param: "instructions")
        }
    }
}
