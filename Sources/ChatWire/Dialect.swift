/// A family of chat APIs that prefd speaks.
///
/// The one place where dialects are told apart: the steps of an exchange take a dialect and never
/// ask which one it is.
public enum Dialect: Hashable, Sendable, CaseIterable {
    /// OpenAI Chat Completions.
    case openAIChat

    /// Reads the body of a generating request.
    ///
    /// - Throws: ``WireError``, to be answered with 400 in the dialect's envelope.
    public func readRequest(_ body: Span<UInt8>) throws(WireError) -> ChatRequestOutline {
        switch self {
        case .openAIChat: try OpenAIChat.readRequest(body)
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
        case .openAIChat:
            OpenAIChat.errorBody(message: message, type: type, param: param, code: code)
        }
    }

    /// An error in the middle of a stream, framed as the dialect's SDKs expect it.
    public func errorEvent(
        message: String,
        type: String,
        param: String? = nil,
        code: String? = nil
    ) -> [UInt8] {
        let body = errorBody(message: message, type: type, param: param, code: code)
        switch self {
        case .openAIChat: return SSEEvent.framed(body.span)
        }
    }
}
