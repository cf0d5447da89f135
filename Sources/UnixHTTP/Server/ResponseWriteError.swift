/// Why bytes of an answer could not be written.
public enum ResponseWriteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The client has closed its connection: nobody is left to answer.
    case clientGone
    /// The task that writes was cancelled, as happens when the server stops.
    case cancelled
    /// A field's name or value has a character that would break the head.
    case unwritableField(name: String)
    /// The status is not one that ends a request.
    case notFinal(status: Int)
    /// A head was sent before.
    case alreadyBegun
    /// No head was sent before.
    case notBegun
    /// The answer is already finished, or was given up.
    case alreadyEnded
    /// The body is not as long as the `Content-Length` that was sent.
    case lengthMismatch(declared: Int, written: Int)

    /// What was wrong, for the log.
    public var description: String {
        switch self {
        case .clientGone: "the client closed the connection before its answer was written"
        case .cancelled: "the answer was cancelled"
        case .unwritableField(let name):
            "the response field \(name.debugDescription) has a character that HTTP does not allow"
        case .notFinal(let status): "\(status) is not a final status"
        case .alreadyBegun: "the response head was sent twice"
        case .notBegun: "a response body was written before its head"
        case .alreadyEnded: "a response was written to after its end"
        case .lengthMismatch(let declared, let written):
            "the response declared a body of \(declared) bytes and got \(written)"
        }
    }
}
