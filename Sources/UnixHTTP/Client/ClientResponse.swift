public import NIOHTTP1

/// An answer: its head has arrived, its body comes as it is read.
public struct ClientResponse: Sendable {
    /// The final status; informational ones are skipped.
    public let status: HTTPResponseStatus
    /// The fields in the order of their arrival.
    public let headers: HTTPHeaders
    /// The body, decoded from its framing.
    ///
    /// Reading it to its end keeps the connection for others;
    /// dropping it unread closes the connection.
    public let body: ResponseBody
}
