/// Reads the answers of one exchange, whole or event by event, and makes the pieces that prefd adds.
///
/// One for each exchange: it remembers what the stream's events have in common. Whatever the
/// dialect, the caller sees outlines, splices and framed bytes only.
public struct AnswerReader: Sendable {
    /// The dialect that is read.
    public let dialect: Dialect
    private var openAI: OpenAIAnswer
    private var anthropic = AnthropicAnswer()
    private var ollama: OllamaAnswer
    private var responses = ResponsesAnswer()
    /// For dialects whose chunks say nothing but a piece of text.
    private var repeated = RepeatedEvent()

    /// What the pieces that prefd makes itself have in common with the backend's.
    var openAIEnvelope: ChunkEnvelope { openAI.envelope }
    /// The same of Ollama's lines.
    var ollamaEnvelope: ChunkEnvelope { ollama.envelope }

    /// The usage of a response, as raw JSON; empty before it was counted.
    var responseUsage: [UInt8] { responses.usage }

    /// Starts an exchange.
    public init(_ dialect: Dialect) {
        self.dialect = dialect
        openAI = OpenAIAnswer(dialect == .openAICompletions ? .completions : .chat)
        ollama = OllamaAnswer(dialect == .ollamaGenerate ? .generate : .chat)
    }

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
        if repeated.read(raw, into: &outline) { return }
        outline.reset()
        switch dialect.framing {
        case .serverSentEvents: try read(serverSentEvent: raw, into: &outline)
        case .jsonLines: try read(line: raw, into: &outline)
        }
    }

    private mutating func read(
        serverSentEvent raw: Span<UInt8>,
        into outline: inout AnswerOutline
    ) throws(JSONError) {
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
        // Readers disagree on whether it is a part of the text, or its end.
        if event.hasIndentedData, outline.goesOnOrEnds { outline.hasUnknownLine = true }
        switch dialect {
        case .openAIChat, .openAICompletions: repeated.learn(raw, event, outline)
        case .openAIResponses, .anthropicMessages, .ollamaChat, .ollamaGenerate: break
        }
    }

    private mutating func read(
        line raw: Span<UInt8>,
        into outline: inout AnswerOutline
    ) throws(JSONError) {
        guard JSON.root(raw) < raw.count else { return }
        try JSON.validate(raw)
        readValidated(raw, isEvent: true, into: &outline)
    }

    private mutating func read(
        data: Span<UInt8>,
        into outline: inout AnswerOutline
    ) throws(JSONError) {
        // A bare `data:` line, as some servers ping with.
        if data.isEmpty { return }
        if dialect.endsWithDone, OpenAIChat.isDone(data) {
            outline.kind = .done
            return
        }
        try JSON.validate(data)
        readValidated(data, isEvent: true, into: &outline)
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
        readValidated(body, isEvent: false, into: &outline)
    }

    private mutating func readValidated(
        _ text: Span<UInt8>,
        isEvent: Bool,
        into outline: inout AnswerOutline
    ) {
        outline.kind = .answer
        switch dialect {
        case .openAIChat, .openAICompletions: openAI.read(text, isEvent: isEvent, into: &outline)
        case .openAIResponses: responses.read(text, isEvent: isEvent, into: &outline)
        case .anthropicMessages: anthropic.read(text, isEvent: isEvent, into: &outline)
        case .ollamaChat, .ollamaGenerate: ollama.read(text, isEvent: isEvent, into: &outline)
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
