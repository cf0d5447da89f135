public import NIOCore
public import NIOHTTP1

/// One request of a local app, whole and valid as HTTP, before prefd has looked at its body.
public struct IncomingRequest: Sendable {
    /// The method, in upper case.
    public let method: String
    /// The path without its query.
    public let path: String
    /// Path and query as the client sent them.
    public let target: String
    /// The headers as the client sent them.
    public let headers: HTTPHeaders
    /// The body, whole.
    public let body: ByteBuffer
    /// The headers that are for prefd itself.
    let ownFields: OwnFields

    /// Makes a request.
    public init(
        method: String,
        path: String,
        target: String,
        headers: HTTPHeaders,
        body: ByteBuffer
    ) {
        self.method = method
        self.path = path
        self.target = target
        self.headers = headers
        self.body = body
        ownFields = OwnFields(headers)
    }
}
