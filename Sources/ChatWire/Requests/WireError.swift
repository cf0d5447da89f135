/// A request body that cannot be accepted: status 400, in the dialect's own envelope.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, where, for the person who wrote the client.
    ///
    /// Never a value from the body.
    public let message: String
    /// The member at fault, as `messages[2].content`; nil where it is the body as a whole.
    public let param: String?

    /// The message.
    public var description: String { message }

    init(_ message: String, param: String? = nil) {
        self.message = message
        self.param = param
    }

    /// A body without `messages`.
    static let noMessages = WireError(
        "'messages' is missing: send an array with at least one message.",
        param: "messages"
    )

    init(_ error: JSONError) {
        self.init("The request body is not valid JSON: \(error).")
    }
}
