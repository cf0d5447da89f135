/// Reads answers and stream chunks of OpenAI's chat and legacy completions.
///
/// It fails closed towards members nobody knew when this was written: every string is taken for a
/// model's text, except the few that ``OpenAIAnswer/envelope`` and ``TextPath/isOpaque(_:_:)``
/// name, and those only where they look like what they should hold.
struct OpenAIAnswer {
    /// Where a choice's text stands.
    enum Form {
        /// In `message` or `delta`.
        case chat
        /// In `text`.
        case completions
    }

    private let form: Form
    private var walk = TextWalk()
    /// What the pieces that prefd makes itself have in common with the backend's.
    private(set) var envelope: ChunkEnvelope

    init(_ form: Form) {
        self.form = form
        envelope = ChunkEnvelope(form)
    }

    /// Reads one validated JSON document; `isEvent` where it is a chunk of a stream.
    mutating func read(
        _ text: Span<UInt8>,
        isEvent: Bool,
        into outline: inout AnswerOutline
    ) {
        let root = JSON.root(text)
        guard JSON.kind(text, at: root) == .object else {
            _ = walk.walk(text, at: root, TextWalk.Reading(continues: isEvent), into: &outline)
            return
        }
        var hasChoices = false
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: text) {
            if member.isNamed("choices", text) {
                outline.isAmbiguous = outline.isAmbiguous || hasChoices
                hasChoices = true
                members.resume(after: readChoices(text, member, isEvent, into: &outline))
            } else if let end = readEnvelope(text, member, into: &outline) {
                members.resume(after: end)
            } else {
                members.resume(
                    after: walk.walk(
                        text,
                        at: member.value,
                        under: member.key,
                        TextWalk.Reading(),
                        into: &outline
                    )
                )
            }
        }
    }

    /// - Returns: The offset behind the value; nil where the member may hold text.
    private mutating func readEnvelope(
        _ text: Span<UInt8>,
        _ member: JSONMember,
        into outline: inout AnswerOutline
    ) -> Int? {
        let kind = JSON.kind(text, at: member.value)
        if kind == .null { return member.value + 4 }
        let name = Self.name(of: member, text)
        switch (name, kind) {
        case (.usage, _):
            outline.hasUsage = true
            return nil
        case (.error, _):
            outline.hasError = true
            return nil
        case (.envelope(let kept), .string), (.envelope(let kept), .number):
            let end = JSON.end(text, ofValueAt: member.value)
            if envelope.holds(kept, text, member.value..<end) { return end }
            guard (kind == .number) == (kept == .created), Self.isName(text, member.value) else {
                return kind == .number ? end : nil
            }
            envelope.keep(kept, text, member.value..<end)
            return end
        case (.opaque, .string):
            return Self.isName(text, member.value) ? JSON.end(text, ofValueAt: member.value) : nil
        default: return nil
        }
    }

    /// Whether the value, if a string, looks like a name rather than text.
    private static func isName(_ text: Span<UInt8>, _ offset: Int) -> Bool {
        guard JSON.kind(text, at: offset) == .string else { return true }
        return TextPath.isIdentifier(text, JSONString.scan(text, at: offset))
    }

    private enum Name {
        case usage, error
        /// Kept for events of prefd's own.
        case envelope(ChunkEnvelope.Member)
        /// Names and padding.
        case opaque
    }

    private static func name(of member: JSONMember, _ text: Span<UInt8>) -> Name? {
        if member.isNamed("id", text) { return .envelope(.id) }
        if member.isNamed("object", text) { return .opaque }
        if member.isNamed("created", text) { return .envelope(.created) }
        if member.isNamed("model", text) { return .envelope(.model) }
        if member.isNamed("system_fingerprint", text) { return .envelope(.fingerprint) }
        if member.isNamed("usage", text) { return .usage }
        if member.isNamed("error", text) { return .error }
        if member.isNamed("service_tier", text) || member.isNamed("provider", text)
            || member.isNamed("obfuscation", text) || member.isNamed("p", text)
        {
            return .opaque
        }
        return nil
    }

    private mutating func readChoices(
        _ text: Span<UInt8>,
        _ member: JSONMember,
        _ isEvent: Bool,
        into outline: inout AnswerOutline
    ) -> Int {
        guard JSON.kind(text, at: member.value) == .array else {
            return walk.walk(
                text,
                at: member.value,
                under: member.key,
                TextWalk.Reading(continues: isEvent),
                into: &outline
            )
        }
        var position = 0
        var elements = JSONElements(arrayAt: member.value)
        while let element = elements.next(in: text) {
            elements.resume(
                after: readChoice(
                    text,
                    at: element,
                    position: position,
                    isEvent,
                    into: &outline
                )
            )
            position += 1
        }
        return elements.end
    }

    private mutating func readChoice(
        _ text: Span<UInt8>,
        at offset: Int,
        position: Int,
        _ isEvent: Bool,
        into outline: inout AnswerOutline
    ) -> Int {
        guard JSON.kind(text, at: offset) == .object else {
            let reading = TextWalk.Reading(choice: position, continues: isEvent)
            let end = walk.walk(text, at: offset, reading, into: &outline)
            // No choice that a client could read, but it stands among them: taking one out must
            // find the comma between.
            var element = ChoiceOutline(index: position, element: offset..<end)
            element.isDelta = isEvent
            outline.choices.append(element)
            return end
        }
        let firstField = outline.fields.count
        var logprobs: Range<Int>?
        var choice = ChoiceOutline(index: position, element: offset..<offset)
        var seen = ChoiceKeys()
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let key = ChoiceKeys.key(of: member, text)
            if let key, !seen.insert(key) { outline.isAmbiguous = true }
            var end: Int?
            switch key {
            case .index:
                // Until the whole choice is read its texts carry the position; see below.
                choice.index = RequestValue.integer(text, at: member.value) ?? position
            case .finishReason:
                end = readFinishReason(text, member, &choice)
            case .logprobs:
                let valueEnd = JSON.end(text, ofValueAt: member.value)
                if JSON.kind(text, at: member.value) != .null {
                    logprobs = member.value..<valueEnd
                }
                end = valueEnd
            case .text where form == .completions:
                choice.isDelta = isEvent
                end = readText(text, member, isEvent, into: &outline)
            case .delta:
                choice.isDelta = true
                end = walk.walk(
                    text,
                    at: member.value,
                    TextWalk.Reading(continues: isEvent),
                    into: &outline
                )
            case .message:
                choice.content = Self.emptyContent(text, member)
                end = walk.walk(text, at: member.value, TextWalk.Reading(), into: &outline)
            case .text, nil: break
            }
            members.resume(
                after: end
                    ?? walk.walk(
                        text,
                        at: member.value,
                        under: member.key,
                        TextWalk.Reading(continues: isEvent && member.isNamed("text", text)),
                        into: &outline
                    )
            )
        }
        choice.element = offset..<members.end
        for index in firstField..<outline.fields.count {
            outline.fields[index].channel.choice = choice.index
        }
        if let logprobs {
            outline.witnesses.append(
                Witness(subject: .choice(choice.index), value: logprobs, substitute: .null)
            )
        }
        outline.choices.append(choice)
        return members.end
    }

    /// The `text` of a legacy completion.
    ///
    /// - Returns: The offset behind the value; nil where it is no string.
    private func readText(
        _ text: Span<UInt8>,
        _ member: JSONMember,
        _ isEvent: Bool,
        into outline: inout AnswerOutline
    ) -> Int? {
        guard JSON.kind(text, at: member.value) == .string else { return nil }
        let string = JSONString.scan(text, at: member.value)
        outline.fields.append(
            TextField(
                channel: ChannelID(choice: ChannelID.noChoice, path: .content),
                surface: .output,
                string: string,
                continues: isEvent,
                holdsJSON: false
            )
        )
        return string.contents.upperBound + 1
    }

    /// The `content` of a message, where it is null.
    private static func emptyContent(_ text: Span<UInt8>, _ message: JSONMember) -> Range<Int>? {
        guard JSON.kind(text, at: message.value) == .object else { return nil }
        var members = JSONMembers(objectAt: message.value)
        while let member = members.next(in: text) {
            guard member.isNamed("content", text) else { continue }
            guard JSON.kind(text, at: member.value) == .null else { return nil }
            return member.value..<member.value + 4
        }
        return nil
    }

    /// A reason that looks like none is left to be read as text, and ends the choice all the same.
    private func readFinishReason(
        _ text: Span<UInt8>,
        _ member: JSONMember,
        _ choice: inout ChoiceOutline
    ) -> Int? {
        let end = JSON.end(text, ofValueAt: member.value)
        guard JSON.kind(text, at: member.value) != .null else { return end }
        choice.finishReason = member.value..<end
        guard JSON.kind(text, at: member.value) == .string else { return nil }
        let string = JSONString.scan(text, at: member.value)
        return TextPath.isIdentifier(text, string) ? end : nil
    }
}

/// The members of a choice that decide how the rest of it is read.
private struct ChoiceKeys {
    enum Key: UInt8 { case index, finishReason, logprobs, delta, message, text }

    private var seen: UInt8 = 0

    /// - Returns: False where the key was there before.
    mutating func insert(_ key: Key) -> Bool {
        let bit: UInt8 = 1 << key.rawValue
        defer { seen |= bit }
        return seen & bit == 0
    }

    static func key(of member: JSONMember, _ text: Span<UInt8>) -> Key? {
        if member.isNamed("delta", text) { return .delta }
        if member.isNamed("index", text) { return .index }
        if member.isNamed("finish_reason", text) { return .finishReason }
        if member.isNamed("logprobs", text) { return .logprobs }
        if member.isNamed("message", text) { return .message }
        if member.isNamed("text", text) { return .text }
        return nil
    }
}
