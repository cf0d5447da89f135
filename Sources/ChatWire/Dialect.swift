/// A family of chat APIs that prefd speaks.
///
/// The one place where dialects are told apart: the steps of an exchange take a dialect and never
/// ask which one it is.
public enum Dialect: String, Hashable, Sendable, CaseIterable {
    /// OpenAI Chat Completions.
    case openAIChat
    /// OpenAI's legacy completions.
    case openAICompletions
    /// OpenAI Responses.
    case openAIResponses
    /// Anthropic Messages.
    case anthropicMessages
    /// Ollama's `/api/chat`.
    case ollamaChat
    /// Ollama's `/api/generate`.
    case ollamaGenerate

    /// Reads the body of a generating request.
    ///
    /// - Throws: ``WireError``, to be answered with 400 in the dialect's envelope.
    public func readRequest(_ body: Span<UInt8>) throws(WireError) -> ChatRequestOutline {
        switch self {
        case .openAIChat: try OpenAIChat.readRequest(body)
        case .openAICompletions: try OpenAICompletions.readRequest(body)
        case .openAIResponses: try OpenAIResponses.readRequest(body)
        case .anthropicMessages: try AnthropicMessages.readRequest(body)
        case .ollamaChat: try Ollama.readChatRequest(body)
        case .ollamaGenerate: try Ollama.readGenerateRequest(body)
        }
    }

    /// How its streams are framed.
    public var framing: StreamFraming {
        switch self {
        case .openAIChat, .openAICompletions, .openAIResponses, .anthropicMessages:
            .serverSentEvents
        case .ollamaChat, .ollamaGenerate: .jsonLines
        }
    }

    /// Whether one answer may hold several choices, each with an end of its own.
    public var hasChoices: Bool {
        switch self {
        case .openAIChat, .openAICompletions: true
        case .openAIResponses, .anthropicMessages, .ollamaChat, .ollamaGenerate: false
        }
    }

    /// Whether the end of a stream holds the whole answer once more, with every item of it.
    public var repeatsAtEnd: Bool { self == .openAIResponses }

    /// Whether `[DONE]` may end a stream.
    var endsWithDone: Bool {
        switch self {
        // Not OpenAI's own Responses, but those of servers beside it.
        case .openAIChat, .openAICompletions, .openAIResponses: true
        case .anthropicMessages, .ollamaChat, .ollamaGenerate: false
        }
    }

    /// The body of an error in the dialect's own envelope.
    ///
    /// `type`, `param` and `code` are used where the envelope has them.
    public func errorBody(
        message: String,
        type: String,
        param: String? = nil,
        code: String? = nil
    ) -> [UInt8] {
        switch self {
        case .openAIChat, .openAICompletions, .openAIResponses:
            OpenAIChat.errorBody(message: message, type: type, param: param, code: code)
        case .anthropicMessages: AnthropicMessages.errorBody(message: message, type: type)
        case .ollamaChat, .ollamaGenerate: Ollama.errorBody(message: message)
        }
    }

    /// An error in the middle of a stream, framed as the dialect's SDKs expect it.
    ///
    /// `number` is the event's in its stream, where the dialect numbers them.
    public func errorEvent(
        message: String,
        type: String,
        param: String? = nil,
        code: String? = nil,
        number: Int = 0
    ) -> [UInt8] {
        let body = errorBody(message: message, type: type, param: param, code: code)
        switch self {
        case .openAIChat, .openAICompletions: return SSEEvent.framed(body.span)
        case .openAIResponses:
            return ResponsesPieces.errorEvent(
                message: message,
                param: param,
                code: code,
                number: number
            )
        case .anthropicMessages: return SSEEvent.framed("error", body.span)
        case .ollamaChat, .ollamaGenerate: return body + [0x0A]
        }
    }
}
