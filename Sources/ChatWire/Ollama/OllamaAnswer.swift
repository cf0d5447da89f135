/// Reads Ollama's answers and the lines of its streams.
///
/// Fails closed as ``OpenAIAnswer`` does: every string is text unless it is known not to be.
struct OllamaAnswer {
    /// Where the text stands.
    enum Form {
        /// In `message`.
        case chat
        /// In `response`.
        case generate
    }

    private enum Key {
        case model, createdAt, message, response, thinking, done, doneReason, context, logprobs,
            error
    }

    private enum MessageKey { case content, thinking, other }

    private static let keys = AnswerKeys<Key>([
        "model": .model, "created_at": .createdAt, "message": .message, "response": .response,
        "thinking": .thinking, "done": .done, "done_reason": .doneReason, "context": .context,
        "logprobs": .logprobs, "error": .error,
    ])
    private static let messageKeys = AnswerKeys<MessageKey>([
        "content": .content, "thinking": .thinking, "tool_calls": .other,
    ])

    private let form: Form
    private var walk = TextWalk()
    /// What the lines that prefd makes itself have in common with the backend's.
    private(set) var envelope = ChunkEnvelope(.chat)

    init(_ form: Form) { self.form = form }

    /// Reads one validated JSON document; `isEvent` where it is a line of a stream.
    mutating func read(_ text: Span<UInt8>, isEvent: Bool, into outline: inout AnswerOutline) {
        let root = JSON.root(text)
        guard JSON.kind(text, at: root) == .object else {
            _ = walk.walk(text, at: root, TextWalk.Reading(continues: isEvent), into: &outline)
            return
        }
        var ending = ChoiceOutline(index: 0, element: root..<root)
        var isDone = !isEvent
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: text) {
            let value = member.value
            switch Self.keys.key(of: member, in: text, seen: &seen, &outline) {
            case .model where keep(.model, text, value),
                .createdAt where keep(.created, text, value):
                continue
            case .message where JSON.kind(text, at: value) == .object:
                members.resume(after: readMessage(text, at: value, isEvent, into: &outline))
                continue
            case .response:
                if let end = readString(.content, text, value, isEvent, into: &outline) {
                    members.resume(after: end)
                    continue
                }
            case .thinking:
                if let end = readString(.thinking, text, value, isEvent, into: &outline) {
                    members.resume(after: end)
                    continue
                }
            case .done:
                isDone = isDone || text[value] == UInt8(ascii: "t")
                continue
            case .doneReason where JSON.kind(text, at: value) == .null:
                continue
            case .doneReason:
                let end = JSON.end(text, ofValueAt: value)
                ending.finishReason = value..<end
                if JSON.kind(text, at: value) == .string,
                    TextPath.isIdentifier(text, JSONString.scan(text, at: value))
                {
                    continue
                }
            case .context:
                outline.context = TokenList(text, at: value)
                noteTokens(text, value, into: &outline)
                continue
            case .logprobs:
                noteTokens(text, value, into: &outline)
                continue
            case .error where JSON.kind(text, at: value) != .null:
                outline.hasError = true
            case .model, .createdAt, .message, .error, nil: break
            }
            let reading = TextWalk.Reading(choice: 0, continues: isEvent)
            members.resume(
                after: walk.walk(text, at: value, under: member.key, reading, into: &outline)
            )
        }
        // What says nothing at all is no choice: there is nothing to block in it.
        guard isDone || ending.finishReason != nil, !members.isEmpty else { return }
        ending.element = root..<members.end
        // Where it gives no reason, one is put in front of everything else if it has to be said.
        ending.finishReason = ending.finishReason ?? root + 1..<root + 1
        outline.choices.append(ending)
    }

    /// Keeps a member for lines of prefd's own; false where it may be text.
    private mutating func keep(
        _ kept: ChunkEnvelope.Member,
        _ text: Span<UInt8>,
        _ offset: Int
    ) -> Bool {
        let end = JSON.end(text, ofValueAt: offset)
        if envelope.holds(kept, text, offset..<end) { return true }
        guard JSON.kind(text, at: offset) == .string,
            TextPath.isIdentifier(text, JSONString.scan(text, at: offset))
        else { return false }
        envelope.keep(kept, text, offset..<end)
        return true
    }

    private mutating func readMessage(
        _ text: Span<UInt8>,
        at offset: Int,
        _ isEvent: Bool,
        into outline: inout AnswerOutline
    ) -> Int {
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            var end: Int?
            var continues = isEvent
            switch Self.messageKeys.key(of: member, in: text, seen: &seen, &outline) {
            case .content:
                end = readString(.content, text, member.value, isEvent, into: &outline)
            case .thinking:
                end = readString(.thinking, text, member.value, isEvent, into: &outline)
            // A tool call comes whole.
            case .other: continues = false
            case nil: break
            }
            let reading = TextWalk.Reading(choice: 0, continues: continues)
            members.resume(
                after: end
                    ?? walk.walk(text, at: member.value, under: member.key, reading, into: &outline)
            )
        }
        return members.end
    }

    /// - Returns: The offset behind the value; nil where it is no string.
    private func readString(
        _ path: ChannelPath,
        _ text: Span<UInt8>,
        _ offset: Int,
        _ continues: Bool,
        into outline: inout AnswerOutline
    ) -> Int? {
        guard JSON.kind(text, at: offset) == .string else { return nil }
        let string = JSONString.scan(text, at: offset)
        outline.fields.append(
            TextField(
                channel: ChannelID(choice: 0, path: path),
                surface: path == .thinking ? .reasoning : .output,
                string: string,
                continues: continues,
                holdsJSON: false
            )
        )
        return string.contents.upperBound + 1
    }

    /// Tokens and their probabilities spell the text out again.
    private func noteTokens(_ text: Span<UInt8>, _ offset: Int, into outline: inout AnswerOutline) {
        guard JSON.kind(text, at: offset) != .null else { return }
        outline.witnesses.append(
            Witness(
                subject: .choice(0),
                value: offset..<JSON.end(text, ofValueAt: offset),
                substitute: .emptyArray
            )
        )
    }
}
