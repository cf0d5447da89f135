/// What an event of a response's stream is, and which text it is about.
///
/// Read before the event's texts are, for the members that say so may stand behind them.
struct ResponsesEvent {
    /// What happened to the thing that the type names.
    enum Change {
        /// A piece of a text.
        case delta
        /// The whole of a text, part or item.
        case done
        /// The beginning of a part or item.
        case added
        /// Anything else.
        case other
    }

    /// The value of `type`.
    private(set) var type: JSONStringRange?
    private(set) var change = Change.other
    /// What the type names, between `response.` and the change.
    private(set) var stem = 0..<0
    /// The text that it names, where it is one that is known.
    private(set) var text: ResponsesText?
    /// `output_index`.
    private(set) var item = 0
    /// `content_index` or `summary_index`.
    private(set) var part = 0
    /// `sequence_number`, and where it stands.
    private(set) var sequenceNumber: SequenceNumber?

    /// Reads the members of the event at `offset`.
    init(_ json: Span<UInt8>, at offset: Int) {
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: json) {
            switch JSON.kind(json, at: member.value) {
            case .string where type == nil && member.isNamed("type", json):
                let string = JSONString.scan(json, at: member.value)
                type = string
                name(string.contents, json)
                members.resume(after: string.contents.upperBound + 1)
            case .number:
                number(member, json)
            default: break
            }
        }
    }

    private mutating func number(_ member: JSONMember, _ json: Span<UInt8>) {
        if member.isNamed("output_index", json) {
            item = RequestValue.integer(json, at: member.value) ?? 0
        } else if member.isNamed("content_index", json) || member.isNamed("summary_index", json) {
            part = RequestValue.integer(json, at: member.value) ?? 0
        } else if member.isNamed("sequence_number", json),
            let value = RequestValue.integer(json, at: member.value)
        {
            let end = JSON.end(json, ofValueAt: member.value)
            sequenceNumber = SequenceNumber(value: value, range: member.value..<end)
        }
    }

    private mutating func name(_ type: Range<Int>, _ json: Span<UInt8>) {
        let prefix = type.lowerBound + 9
        guard prefix <= type.upperBound, json.equals(type.lowerBound..<prefix, "response.") else {
            return stem = type
        }
        var end = type.upperBound
        while end > prefix, json[end - 1] != UInt8(ascii: ".") { end -= 1 }
        stem = prefix..<type.upperBound
        guard end > prefix else { return }
        let suffix = end..<type.upperBound
        if json.equals(suffix, "delta") {
            change = .delta
        } else if json.equals(suffix, "done") {
            change = .done
        } else if json.equals(suffix, "added") {
            change = .added
        } else {
            return
        }
        stem = prefix..<end - 1
        text = ResponsesText.of(stem: stem, in: json)
    }

    /// Whether the type, behind `response.` and before the change, is `name`.
    func isNamed(_ name: StaticString, _ json: Span<UInt8>) -> Bool { json.equals(stem, name) }

    /// Whether the stream ends with this event.
    func isEnding(_ json: Span<UInt8>) -> Bool {
        isNamed("completed", json) || isNamed("incomplete", json) || isNamed("failed", json)
    }

    /// Whether it is about a part of an item.
    func isPart(_ json: Span<UInt8>) -> Bool {
        isNamed("content_part", json) || isNamed("reasoning_part", json)
            || isNamed("reasoning_summary_part", json)
    }

    /// The texts that have ended with this event or before it.
    func ended(_ json: Span<UInt8>) -> [TextScope] {
        guard change == .done else { return [] }
        if isNamed("output_item", json) { return [TextScope(item: item)] }
        if isNamed("reasoning_summary_part", json) {
            return [TextScope(item: item, part: part, path: ResponsesText.reasoningSummary.path)]
        }
        if isPart(json) {
            return [.outputText, .refusal, .reasoningText].map { (text: ResponsesText) in
                TextScope(item: item, part: part, path: text.path)
            }
        }
        return [TextScope(item: item, part: part, path: path(json))]
    }

    /// The channel path of the text that the event is about.
    func path(_ json: Span<UInt8>) -> ChannelPath {
        if let text { return text.path }
        var bytes: [UInt8] = []
        bytes.append(json, stem.prefix(64))
        return .other(String(decoding: bytes, as: UTF8.self))
    }
}
