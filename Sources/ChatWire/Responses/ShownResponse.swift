/// What the client has been shown of a response's stream: what it takes to end it early, or to add
/// an item, in words that agree with it.
struct ShownResponse: Sendable {
    /// An item that has begun and not ended.
    struct Item: Sendable {
        let index: Int
        /// The item as it began.
        var json: [UInt8]
        var parts: [Part] = []
    }

    /// A text of an item, in a part or in the item itself.
    struct Part: Sendable {
        let text: ResponsesText?
        let index: Int
        /// The part as it began, or as it ended; empty where no event said so.
        var json: [UInt8] = []
        /// What its events are named by: `content_part`.
        var stem: [UInt8] = []
        /// The text so far, as the contents of a JSON string.
        var contents: [UInt8] = []
        var annotations: [[UInt8]] = []
        /// Whether the whole text has been said.
        var isSaid = false
        /// Whether the part has ended.
        var isEnded = false
    }

    /// The response as it was last shown, without its end; empty before it was.
    private(set) var response: [UInt8] = []
    private(set) var open: [Item] = []
    /// The items that have ended, whole.
    private(set) var ended: [(index: Int, json: [UInt8])] = []
    /// The number of the next event.
    private(set) var nextSequenceNumber = 0
    /// The index of the next item.
    private(set) var nextItem = 0

    /// Takes note of one event that leaves, a validated JSON object at `offset`.
    mutating func note(event text: Span<UInt8>, at offset: Int) {
        let event = ResponsesEvent(text, at: offset)
        if let number = event.sequenceNumber {
            nextSequenceNumber = max(nextSequenceNumber, number.value &+ 1)
        }
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            switch JSON.kind(text, at: value) {
            case .string where event.change == .delta && member.isNamed("delta", text):
                let string = JSONString.scan(text, at: value)
                change(part: event) { $0.contents.append(text, string.contents) }
            case .string where event.change == .done:
                guard let known = event.text, member.isNamed(known.member, text) else { continue }
                let string = JSONString.scan(text, at: value)
                change(part: event) { part in
                    part.contents = []
                    part.contents.append(text, string.contents)
                    part.isSaid = true
                }
            case .object:
                let end = JSON.end(text, ofValueAt: value)
                note(member, text, value..<end, of: event)
                members.resume(after: end)
            default: break
            }
        }
    }

    private mutating func note(
        _ member: JSONMember,
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        of event: ResponsesEvent
    ) {
        var json: [UInt8] = []
        if member.isNamed("response", text) {
            guard !event.isEnding(text) else { return }
            json.append(text, range)
            response = json
        } else if member.isNamed("item", text), event.isNamed("output_item", text) {
            json.append(text, range)
            note(item: json, of: event)
        } else if member.isNamed("part", text), event.isPart(text) {
            json.append(text, range)
            let known = JSONEdit.member("type", of: json).flatMap(ResponsesText.of(partType:))
            var stem: [UInt8] = []
            stem.append(text, event.stem)
            change(part: event, known) { part in
                part.json = json
                part.stem = stem
                part.isEnded = event.change == .done
            }
        } else if member.isNamed("annotation", text) {
            json.append(text, range)
            change(part: event, .outputText) { $0.annotations.append(json) }
        }
    }

    private mutating func note(item json: [UInt8], of event: ResponsesEvent) {
        nextItem = max(nextItem, event.item &+ 1)
        if event.change == .added {
            open.append(Item(index: event.item, json: json))
        } else if event.change == .done {
            open.removeAll { $0.index == event.item }
            ended.append((event.item, json))
        }
    }

    private mutating func change(
        part event: ResponsesEvent,
        _ known: ResponsesText? = nil,
        _ change: (inout Part) -> Void
    ) {
        guard let item = open.firstIndex(where: { $0.index == event.item }) else { return }
        let text = known ?? event.text
        let place = open[item].parts.firstIndex {
            $0.index == event.part && $0.text == text
        }
        if let place { return change(&open[item].parts[place]) }
        var part = Part(text: text, index: event.part)
        change(&part)
        open[item].parts.append(part)
    }
}
