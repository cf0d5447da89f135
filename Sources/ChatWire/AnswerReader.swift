/// Reads the answers of one exchange, whole or event by event, and makes the pieces that prefd adds.
///
/// One for each exchange: it remembers what the stream's events have in common. Whatever the
/// dialect, the caller sees outlines, splices and framed bytes only.
public struct AnswerReader: Sendable {
    /// The dialect that is read.
    public let dialect: Dialect
    private var openAIChat = OpenAIChatAnswer()

    var openAIChatEnvelope: ChunkEnvelope { openAIChat.envelope }

    /// Starts an exchange.
    public init(_ dialect: Dialect) { self.dialect = dialect }

    /// Reads one framed event of a stream.
    ///
    /// Offsets in the outline are offsets in `raw`.
    ///
    /// - Throws: ``JSONError`` where the event's data is neither JSON nor the stream's end; such an
    ///   event has not been read and must not be passed on.
    public mutating func read(
        event raw: Span<UInt8>,
        into outline: inout AnswerOutline
    ) throws(JSONError) {
        outline.reset()
        let event = SSEEvent(raw)
        outline.hasUnknownLine = event.hasUnknownLine
        switch event.dataLines {
        case .none: return
        case .one(let range):
            try read(data: raw.extracting(range), into: &outline)
            if range.lowerBound > 0 { outline.move { $0 + range.lowerBound } }
        case .many:
            // No string of valid JSON crosses a line end, so ranges map line by line.
            let data = event.joinedData(raw)
            try read(data: data.span, into: &outline)
            outline.move { event.rawOffset(ofJoined: $0) }
        }
    }

    private mutating func read(
        data: Span<UInt8>,
        into outline: inout AnswerOutline
    ) throws(JSONError) {
        // A bare `data:` line, as some servers ping with.
        if data.isEmpty { return }
        switch dialect {
        case .openAIChat:
            if OpenAIChat.isDone(data) {
                outline.kind = .done
                return
            }
            try JSON.validate(data)
            openAIChat.read(data, isEvent: true, into: &outline)
        }
    }

    /// Reads a whole answer, or the whole body of an error.
    ///
    /// Offsets are offsets in `body`.
    ///
    /// - Throws: ``JSONError``; such a body has not been read and must not be passed on.
    public mutating func read(
        whole body: Span<UInt8>,
        into outline: inout AnswerOutline
    ) throws(JSONError) {
        outline.reset()
        try JSON.validate(body)
        switch dialect {
        case .openAIChat: openAIChat.read(body, isEvent: false, into: &outline)
        }
    }

    /// Reads any JSON document and outlines every string value in it, names and ids too: for the
    /// bodies of errors, and of answers in no known shape.
    ///
    /// - Throws: ``JSONError``.
    public static func readEveryString(
        _ body: Span<UInt8>,
        into outline: inout AnswerOutline
    ) throws(JSONError) {
        outline.reset()
        try JSON.validate(body)
        outline.kind = .answer
        var walk = TextWalk()
        let reading = TextWalk.Reading(skipsOpaque: false)
        _ = walk.walk(body, at: JSON.root(body), reading, into: &outline)
    }
}
