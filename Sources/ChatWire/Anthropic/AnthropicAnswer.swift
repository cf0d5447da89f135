/// Reads answers and stream events of the Anthropic Messages dialect.
///
/// Fails closed as ``OpenAIAnswer`` does: what is text does not depend on an event's `type`, and
/// every string is text unless it is known not to be.
struct AnthropicAnswer {
    private enum Key {
        case type, index, message, contentBlock, delta, usage, error, content, stopReason
    }

    private enum BlockKey { case type, text, thinking, partialJSON, signature, input, stopReason }

    private static let keys = AnswerKeys<Key>([
        "type": .type, "index": .index, "delta": .delta, "content_block": .contentBlock,
        "message": .message, "usage": .usage, "error": .error, "content": .content,
        "stop_reason": .stopReason,
    ])
    private static let blockKeys = AnswerKeys<BlockKey>([
        "type": .type, "text": .text, "thinking": .thinking, "partial_json": .partialJSON,
        "signature": .signature, "input": .input, "stop_reason": .stopReason,
    ])

    private var walk = TextWalk()

    /// Reads one validated JSON document; `isEvent` where it is an event of a stream.
    mutating func read(_ text: Span<UInt8>, isEvent: Bool, into outline: inout AnswerOutline) {
        let root = JSON.root(text)
        guard JSON.kind(text, at: root) == .object else {
            _ = walk.walk(text, at: root, TextWalk.Reading(continues: isEvent), into: &outline)
            return
        }
        readObject(text, at: root, isEvent: isEvent, into: &outline)
    }

    /// Reads an event, or a message: they have no member in common that would mean different things.
    ///
    /// - Returns: The offset behind the object.
    @discardableResult
    private mutating func readObject(
        _ text: Span<UInt8>,
        at offset: Int,
        isEvent: Bool,
        isNested: Bool = false,
        into outline: inout AnswerOutline
    ) -> Int {
        var index = 0
        var isStop = false
        var ending = ChoiceOutline(index: 0, element: offset..<offset)
        let first = (field: outline.fields.count, witness: outline.witnesses.count)
        var own: Range<Int>?
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            let kind = JSON.kind(text, at: value)
            switch Self.keys.key(of: member, in: text, seen: &seen, &outline) {
            case .type where kind == .string:
                let type = JSONString.scan(text, at: value)
                if JSONString.equals(text, type, "content_block_stop") { isStop = true }
                if JSONString.equals(text, type, "message_stop") { outline.kind = .done }
                if TextPath.isIdentifier(text, type) { continue }
            case .index where kind == .number:
                index = RequestValue.integer(text, at: value) ?? 0
                continue
            case .message where kind == .object && !isNested:
                members.resume(
                    after: readObject(
                        text,
                        at: value,
                        isEvent: isEvent,
                        isNested: true,
                        into: &outline
                    )
                )
                continue
            case .delta where kind == .object, .contentBlock where kind == .object:
                let start = outline.fields.count
                let end = readBlock(text, at: value, isEvent, &ending, into: &outline)
                own = start..<outline.fields.count
                members.resume(after: end)
                continue
            case .content where kind == .array:
                let (end, blocks) = readContent(text, at: value, into: &outline)
                ending.element = value..<end
                if blocks == 0 { ending.content = ending.element }
                members.resume(after: end)
                continue
            case .stopReason where kind != .null:
                ending.finishReason = value..<JSON.end(text, ofValueAt: value)
                if Self.isName(text, value) { continue }
            case .usage: outline.hasUsage = true
            case .error where kind != .null: outline.hasError = true
            default: break
            }
            members.resume(
                after: walk.walk(
                    text,
                    at: value,
                    under: member.key,
                    // What nobody knows may go on in the next event.
                    TextWalk.Reading(choice: 0, continues: isEvent && kind == .string),
                    into: &outline
                )
            )
        }
        if let own, index != 0 {
            for field in own { outline.fields[field].channel.item = index }
        }
        for position in first.witness..<outline.witnesses.count where own != nil {
            outline.witnesses[position].subject = .scope(TextScope(item: index))
        }
        if isStop { outline.ended.append(TextScope(item: index)) }
        if ending.finishReason != nil { outline.choices.append(ending) }
        return members.end
    }

    /// Reads the content of a whole message, and returns the offset behind it and how many blocks
    /// there are.
    private mutating func readContent(
        _ text: Span<UInt8>,
        at offset: Int,
        into outline: inout AnswerOutline
    ) -> (end: Int, blocks: Int) {
        var ignored = ChoiceOutline(index: 0, element: offset..<offset)
        var item = 0
        var elements = JSONElements(arrayAt: offset)
        while let element = elements.next(in: text) {
            let first = (field: outline.fields.count, witness: outline.witnesses.count)
            guard JSON.kind(text, at: element) == .object else {
                let reading = TextWalk.Reading(choice: 0)
                elements.resume(after: walk.walk(text, at: element, reading, into: &outline))
                continue
            }
            elements.resume(
                after: readBlock(text, at: element, false, &ignored, into: &outline)
            )
            for field in first.field..<outline.fields.count {
                outline.fields[field].channel.item = item
            }
            for position in first.witness..<outline.witnesses.count {
                outline.witnesses[position].subject = .scope(TextScope(item: item))
            }
            item += 1
        }
        return (elements.end, item)
    }

    /// Reads a content block, or what an event adds to one, and returns the offset behind it.
    private mutating func readBlock(
        _ text: Span<UInt8>,
        at offset: Int,
        _ isEvent: Bool,
        _ ending: inout ChoiceOutline,
        into outline: inout AnswerOutline
    ) -> Int {
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            let kind = JSON.kind(text, at: value)
            var path: ChannelPath?
            var isToolInput = false
            switch Self.blockKeys.key(of: member, in: text, seen: &seen, &outline) {
            case .text: path = .content
            case .thinking: path = .thinking
            case .partialJSON: path = .toolArguments(0)
            case .signature where kind == .string && Self.isSeal(text, value):
                let end = JSON.end(text, ofValueAt: value)
                outline.witnesses.append(
                    Witness(
                        subject: .scope(TextScope(item: 0)),
                        value: value..<end,
                        substitute: .emptyString
                    )
                )
                members.resume(after: end)
                continue
            case .stopReason where kind != .null:
                ending.finishReason = value..<JSON.end(text, ofValueAt: value)
                if Self.isName(text, value) { continue }
            case .type where kind == .string && Self.isName(text, value): continue
            case .input: isToolInput = true
            default: break
            }
            if let path, kind == .string {
                let string = JSONString.scan(text, at: value)
                outline.fields.append(Self.field(path, string, continues: isEvent))
                members.resume(after: string.contents.upperBound + 1)
                continue
            }
            let first = outline.fields.count
            members.resume(
                after: walk.walk(
                    text,
                    at: value,
                    under: member.key,
                    TextWalk.Reading(choice: 0, continues: false, skipsOpaque: !isToolInput),
                    into: &outline
                )
            )
            guard isToolInput else { continue }
            for field in first..<outline.fields.count {
                outline.fields[field].surface = .toolArguments
            }
        }
        return members.end
    }

    private static func field(
        _ path: ChannelPath,
        _ string: JSONStringRange,
        continues: Bool
    ) -> TextField {
        let surface: TextSurface =
            switch path {
            case .thinking: .reasoning
            case .toolArguments: .toolArguments
            default: .output
            }
        return TextField(
            channel: ChannelID(choice: 0, path: path),
            surface: surface,
            string: string,
            continues: continues,
            holdsJSON: path == .toolArguments(0)
        )
    }

    private static func isName(_ text: Span<UInt8>, _ offset: Int) -> Bool {
        JSON.kind(text, at: offset) == .string
            && TextPath.isIdentifier(text, JSONString.scan(text, at: offset))
    }

    private static func isSeal(_ text: Span<UInt8>, _ offset: Int) -> Bool {
        TextPath.isBase64(text, JSONString.scan(text, at: offset))
    }
}
