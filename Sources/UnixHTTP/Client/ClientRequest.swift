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

    /// The request as it goes on the wire: its head, with the body where that is not large.
    func encoded(for endpoint: Endpoint) throws(ClientError) -> OutgoingRequest {
        guard !method.rawValue.isEmpty, method.rawValue.utf8.allSatisfy(\.isTokenByte) else {
            throw .invalidRequest("the method is not a token")
        }
        guard target.utf8.first == UInt8(ascii: "/") || target == "*",
            target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw .invalidRequest("the target is not a path") }
        let isCopied = body.readableBytes <= HeadWriter.copiedBytes
        var head = HeadWriter()
        head.write(method.rawValue)
        head.write(" ")
        head.write(target)
        head.write(" HTTP/1.1\r\n")
        if !headers.contains(name: "host") { head.write("host: \(endpoint.hostField)\r\n") }
        do throws(HeadWriter.UnwritableField) {
            for (name, value) in headers where isSent(name) {
                try head.write(name: name, value: value)
            }
        } catch {
            let name = error.name.debugDescription
            throw .invalidRequest("the field \(name) has a forbidden character")
        }
        // A method that means its body says so even when it is empty (RFC 9110 section 8.6).
        if body.readableBytes > 0 || method == .POST || method == .PUT || method == .PATCH {
            head.write("content-length: ")
            head.write(body.readableBytes)
            head.endLine()
        }
        head.endLine()
        return OutgoingRequest(
            head: head.finish(with: isCopied ? body : nil),
            rest: isCopied ? nil : body,
            method: method
        )
    }

    private func isSent(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: !name.isEqualCaseInsensitiveASCII("connection")
        case 14: !name.isEqualCaseInsensitiveASCII("content-length")
        case 17: !name.isEqualCaseInsensitiveASCII("transfer-encoding")
        default: true
        }
    }
}

/// A request as it goes on the wire.
struct OutgoingRequest: Sendable {
    /// The head, and a body that is not large.
    let head: ByteBuffer
    /// A large body.
    let rest: ByteBuffer?
    let method: HTTPMethod
}
