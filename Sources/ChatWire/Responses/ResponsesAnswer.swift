/// Reads answers and stream events of the OpenAI Responses dialect.
///
/// Fails closed as ``OpenAIAnswer`` does: a string is text unless it is known not to be, in events
/// and members that nobody knew too. What the response gives back of the request (`instructions`,
/// `tools` and their like) is the app's own, and not read as a model's text.
struct ResponsesAnswer {
    /// The item of texts that belong to the response as a whole.
    static let noItem = -1

    private enum Key {
        case type, sequenceNumber, index, itemID, obfuscation, delta, logprobs, item, part, response
        case error
    }

    private static let keys = AnswerKeys<Key>([
        "type": .type, "delta": .delta, "item_id": .itemID, "output_index": .index,
        "content_index": .index, "summary_index": .index, "sequence_number": .sequenceNumber,
        "logprobs": .logprobs, "obfuscation": .obfuscation, "item": .item, "part": .part,
        "response": .response, "error": .error,
    ])

    var walk = TextWalk()
    /// The usage that the backend counted, as raw JSON; empty before it did.
    var usage: [UInt8] = []

    /// Reads one validated JSON document; `isEvent` where it is an event of a stream.
    mutating func read(_ text: Span<UInt8>, isEvent: Bool, into outline: inout AnswerOutline) {
        let root = JSON.root(text)
        guard JSON.kind(text, at: root) == .object else {
            _ = walk.walk(text, at: root, TextWalk.Reading(continues: isEvent), into: &outline)
            return
        }
        if isEvent {
            readEvent(text, at: root, into: &outline)
        } else {
            readResponse(text, at: root, event: nil, into: &outline)
        }
    }

    private mutating func readEvent(
        _ text: Span<UInt8>,
        at offset: Int,
        into outline: inout AnswerOutline
    ) {
        let event = ResponsesEvent(text, at: offset)
        outline.sequenceNumber = event.sequenceNumber
        // Two spellings of one type would be two texts here, and one to a reader.
        if event.type?.hasEscapes == true { outline.isAmbiguous = true }
        var hasContent = false
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            let kind = JSON.kind(text, at: value)
            switch Self.keys.key(of: member, in: text, seen: &seen, &outline) {
            case .type where isName(text, value), .itemID where isName(text, value),
                .obfuscation where kind == .string && isPadding(text, value):
                continue
            case .index where kind == .number, .sequenceNumber where kind == .number: continue
            case .delta where kind == .string:
                let string = JSONString.scan(text, at: value)
                outline.fields.append(field(of: event, text, string))
                members.resume(after: string.contents.upperBound + 1)
            case .logprobs where kind == .array:
                let scope = TextScope(item: event.item, part: event.part)
                members.resume(after: note(logprobs: value, of: scope, text, into: &outline))
            case .item where kind == .object:
                members.resume(after: readItem(text, at: value, event.item, true, into: &outline))
            case .part where kind == .object:
                let place = PartPlace(item: event.item, part: event.part, isReasoning: false)
                members.resume(after: readPart(text, at: value, place, true, into: &outline))
            case .response where kind == .object:
                hasContent = true
                members.resume(after: readResponse(text, at: value, event: event, into: &outline))
            case let key:
                if key == .error, kind != .null { outline.hasError = true }
                members.resume(after: readOther(text, member, of: event, into: &outline))
            }
        }
        outline.ended += event.ended(text)
        if !hasContent, event.isEnding(text) {
            outline.choices.append(ChoiceOutline(endingWithout: offset))
        }
    }

    /// A member of an event that is neither its delta nor an object of the API's.
    private mutating func readOther(
        _ text: Span<UInt8>,
        _ member: JSONMember,
        of event: ResponsesEvent,
        into outline: inout AnswerOutline
    ) -> Int {
        let isError = event.isNamed("error", text)
        let isString = JSON.kind(text, at: member.value) == .string
        let isDelta = member.isNamed("delta", text)
        // What nobody knows may go on in the next event.
        let continues = isDelta || isString && event.change != .done && !isError
        let first = outline.fields.count
        let end = walk.walk(
            text,
            at: member.value,
            under: member.key,
            TextWalk.Reading(choice: isError ? ChannelID.noChoice : 0, continues: continues),
            into: &outline
        )
        let own = event.text.flatMap { member.isNamed($0.member, text) && isString ? $0 : nil }
        settle(first, in: &outline) { field in
            field.channel.item = event.item
            field.channel.part = event.part
            field.repeats = !continues
            if isDelta { field.surface = event.text?.surface ?? field.surface }
            guard let own else { return }
            field = field.placed(in: own)
        }
        return end
    }

    private func field(
        of event: ResponsesEvent,
        _ text: Span<UInt8>,
        _ string: JSONStringRange
    ) -> TextField {
        TextField(
            channel: ChannelID(
                choice: 0,
                item: event.item,
                part: event.part,
                path: event.path(text)
            ),
            surface: event.text?.surface ?? .output,
            string: string,
            continues: true,
            holdsJSON: event.text?.holdsJSON ?? false
        )
    }

    /// Notes log probabilities as a witness of a text; an empty array tells nothing.
    ///
    /// - Returns: The offset behind them.
    func note(
        logprobs offset: Int,
        of scope: TextScope,
        _ text: Span<UInt8>,
        into outline: inout AnswerOutline
    ) -> Int {
        let end = JSON.end(text, ofValueAt: offset)
        var elements = JSONElements(arrayAt: offset)
        guard elements.next(in: text) != nil else { return end }
        outline.witnesses.append(
            Witness(subject: .scope(scope), value: offset..<end, substitute: .emptyArray)
        )
        return end
    }

    /// Finishes the fields that were found from `first` on; those without text are left out.
    func settle(
        _ first: Int,
        in outline: inout AnswerOutline,
        _ change: (inout TextField) -> Void
    ) {
        for index in first..<outline.fields.count { change(&outline.fields[index]) }
        guard outline.fields[first...].contains(where: \.isVoid) else { return }
        outline.fields[first...].removeAll(where: \.isVoid)
    }

    /// Whether a value is a string that looks like a name rather than text.
    func isName(_ text: Span<UInt8>, _ offset: Int) -> Bool {
        JSON.kind(text, at: offset) == .string
            && TextPath.isIdentifier(text, JSONString.scan(text, at: offset))
    }

    private func isPadding(_ text: Span<UInt8>, _ offset: Int) -> Bool {
        TextPath.isBase64(text, JSONString.scan(text, at: offset))
    }
}

extension TextField {
    /// A string of no text that no other string continues.
    fileprivate var isVoid: Bool { content.isEmpty && !continues }

    /// The same string as one that holds all of a text.
    func placed(in text: ResponsesText) -> TextField {
        var channel = channel
        channel.path = text.path
        var field = TextField(
            channel: channel,
            surface: text.surface,
            string: string,
            continues: continues,
            holdsJSON: text.holdsJSON
        )
        field.repeats = repeats
        return field
    }
}

extension ChoiceOutline {
    /// The end of a response that is not there.
    fileprivate init(endingWithout offset: Int) {
        self.init(index: 0, element: offset..<offset)
        finishReason = offset..<offset
    }
}
