/// Why there is no answer, or no whole one.
public enum ClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The request cannot be written: its method, target or a field has a character that must
    /// not be there.
    case invalidRequest(String)
    /// No connection could be made.
    case connectFailed(endpoint: Endpoint, reason: String)
    /// No connection was made in time.
    case connectTimedOut(endpoint: Endpoint, after: Duration)
    /// The server could not prove who it is, or TLS failed otherwise.
    case tlsFailed(endpoint: Endpoint, reason: String)
    /// The answer's head did not come in time.
    case firstByteTimedOut(after: Duration)
    /// The answer's body paused for too long.
    case idleTimedOut(after: Duration)
    /// The server closed the connection without an answer. It may have acted on the request.
    case closedBeforeResponse
    /// The server closed the connection in the middle of its answer.
    case truncated
    /// The answer is not HTTP/1.
    case malformedResponse(String)
    /// The answer is larger than its reader allows.
    case responseTooLarge(limitBytes: Int)
    /// The task that waited for the answer was cancelled.
    case cancelled
    /// The client was shut down.
    case shutDown

    /// Whether the server cannot have seen any of the request, so that sending it elsewhere is safe.
    public var nothingWasSent: Bool {
        switch self {
        case .invalidRequest, .connectFailed, .connectTimedOut, .tlsFailed, .shutDown: true
        default: false
        }
    }

    /// What went wrong, where, for the log and for the person who runs the server.
    public var description: String {
        switch self {
        case .invalidRequest(let reason): "the request cannot be sent: \(reason)"
        case .connectFailed(let endpoint, let reason): "cannot connect to \(endpoint): \(reason)"
        case .connectTimedOut(let endpoint, let after):
            "cannot connect to \(endpoint): no answer within \(after)"
        case .tlsFailed(let endpoint, let reason): "TLS with \(endpoint) failed: \(reason)"
        case .firstByteTimedOut(let after): "the server sent no answer within \(after)"
        case .idleTimedOut(let after): "the server's answer paused for more than \(after)"
        case .closedBeforeResponse: "the server closed the connection without an answer"
        case .truncated: "the server closed the connection in the middle of its answer"
        case .malformedResponse(let reason): "the server's answer is not valid HTTP/1.1: \(reason)"
        case .responseTooLarge(let limit): "the server's answer is larger than \(limit) bytes"
        case .cancelled: "the request was cancelled"
        case .shutDown: "the HTTP client has been shut down"
        }
    }
}
