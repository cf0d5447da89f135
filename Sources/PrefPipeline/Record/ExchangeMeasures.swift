import ChatWire

/// What is measured of an exchange that was answered.
struct ExchangeMeasures: Sendable {
    var status: Int
    /// Nil where no model was asked.
    var operation: Operation?
    var backend: String
    /// When the whole request was here.
    var began: ContinuousClock.Instant
    /// From the whole request to the answer's end.
    var total: Duration
    /// How much of it went by in the backend's queue; nil where it has none.
    var queued: Duration?
    /// From the whole request to when it was sent to the backend, without `queued`.
    var untilSent: Duration
    /// From then to the head of the backend's answer.
    var response: Duration
    var answer: AnswerTimes?
    var heldBytes: Int?
}

/// When an answer's first byte left, and how long prefd had kept it.
struct AnswerTimes: Sendable, Equatable {
    let firstByteAt: ContinuousClock.Instant
    let kept: Duration

    /// Now, of an answer of which prefd has had something since `arrived`.
    init(since arrived: ContinuousClock.Instant) {
        firstByteAt = .now
        kept = firstByteAt - arrived
    }
}

/// What a model is asked for.
///
/// Source: OpenTelemetry, Semantic Conventions for Generative AI: `gen_ai.operation.name`.
public enum Operation: String, Sendable, CaseIterable {
    case chat, embeddings
    case textCompletion = "text_completion"
}

extension IncomingRequest {
    /// What the model is asked for; nil where none is.
    var operation: Operation? {
        switch (endpoint, path) {
        case (.generating(.openAICompletions), _), (.generating(.ollamaGenerate), _):
            .textCompletion
        case (.generating, _): .chat
        case (_, "/v1/embeddings"), (_, "/api/embed"), (_, "/api/embeddings"): .embeddings
        default: nil
        }
    }
}
