/// What the client has been shown of a stream so far, as far as an early end of it depends on that.
///
/// Fed with what leaves, not with what arrives: a stream that is held may have gone on further.
public struct ShownStream: Sendable {
    private let dialect: Dialect
    /// The content block that has begun and not ended.
    private(set) var openItem: Int?
    /// The index of the next content block.
    private(set) var nextItem = 0
    /// The output tokens that the backend has counted so far.
    private(set) var outputTokens = 0
    /// The same of a response, with its items.
    private(set) var response = ShownResponse()

    /// The number of the next event, in dialects that number them.
    public var nextSequenceNumber: Int { response.nextSequenceNumber }

    /// Nothing shown yet.
    public init(_ dialect: Dialect) { self.dialect = dialect }

    /// Takes note of events that leave, as they leave.
    public mutating func note(_ bytes: Span<UInt8>) {
        guard dialect == .anthropicMessages || dialect == .openAIResponses else { return }
        var framer = SSEFramer()
        try? framer.feed(bytes) { event throws(Never) in note(event: event) }
    }

    private mutating func note(event raw: Span<UInt8>) {
        let event = SSEEvent(raw)
        let data = event.joinedData(raw)
        let text = data.span
        guard (try? JSON.validate(text)) != nil, JSON.kind(text, at: JSON.root(text)) == .object
        else { return }
        if dialect == .openAIResponses {
            response.note(event: text, at: JSON.root(text))
        } else {
            note(object: text, at: JSON.root(text))
        }
    }

    private mutating func note(object text: Span<UInt8>, at offset: Int) {
        var index = 0
        var begins = false
        var ends = false
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            switch JSON.kind(text, at: value) {
            case .string where member.isNamed("type", text):
                let type = JSONString.scan(text, at: value)
                // Nearly all events, and nothing to note.
                if JSONString.equals(text, type, "content_block_delta") { return }
                begins = JSONString.equals(text, type, "content_block_start")
                ends = JSONString.equals(text, type, "content_block_stop")
            case .number where member.isNamed("index", text):
                index = RequestValue.integer(text, at: value) ?? 0
            case .number where member.isNamed("output_tokens", text):
                outputTokens = RequestValue.integer(text, at: value) ?? outputTokens
            case .object where member.isNamed("message", text) || member.isNamed("usage", text):
                note(object: text, at: value)
            default: break
            }
        }
        if begins {
            openItem = index
            nextItem = max(nextItem, index &+ 1)
        }
        if ends { openItem = nil }
    }
}
