public import NIOCore
public import NIOHTTP1

/// A request to send: `Host`, `Content-Length` and `Connection` are written by the client.
public struct ClientRequest: Sendable, Equatable {
    /// The method, `GET` and so on.
    public var method: HTTPMethod
    /// The request target: path and query, percent-encoded.
    public var target: String
    /// The fields to send; a `Host` among them is kept, framing is not.
    public var headers: HTTPHeaders
    /// The whole body; empty for none.
    public var body: ByteBuffer

    /// Puts a request together; nothing is checked before it is sent.
    public init(
        method: HTTPMethod = .GET,
        target: String,
        headers: HTTPHeaders = [:],
        body: ByteBuffer = ByteBuffer()
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The head as it goes on the wire.
    func head(for endpoint: Endpoint) throws(ClientError) -> HTTPRequestHead {
        guard !method.rawValue.isEmpty, method.rawValue.utf8.allSatisfy(\.isTokenByte) else {
            throw .invalidRequest("the method is not a token")
        }
        guard target.hasPrefix("/") || target == "*",
            target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw .invalidRequest("the target is not a path") }
        if let name = headers.firstUnwritableField {
            throw .invalidRequest("the field \(name.debugDescription) has a forbidden character")
        }
        var fields = HTTPHeaders()
        fields.reserveCapacity(headers.count + 2)
        if !headers.contains(name: "host") { fields.add(name: "host", value: endpoint.hostField) }
        for (name, value) in headers
        where !name.isEqualCaseInsensitiveASCII("content-length")
            && !name.isEqualCaseInsensitiveASCII("transfer-encoding")
            && !name.isEqualCaseInsensitiveASCII("connection")
        {
            fields.add(name: name, value: value)
        }
        // A method that means its body says so even when it is empty (RFC 9110 section 8.6).
        if body.readableBytes > 0 || method == .POST || method == .PUT || method == .PATCH {
            fields.add(name: "content-length", value: String(body.readableBytes))
        }
        return HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: fields)
    }
}
