public import NIOCore
public import NIOHTTP1

/// A whole, valid request: its head, its body to the last byte, and who sent it.
public struct HTTPRequest: Sendable {
    /// The head as the client sent it.
    public let head: RequestHead
    /// The body, decoded from its framing; empty where there is none.
    public let body: ByteBuffer
    /// Who sent it, on the kernel's word.
    public let peer: PeerCredentials

    /// Puts a request together, for tests of responders without a socket.
    public init(head: RequestHead, body: ByteBuffer = ByteBuffer(), peer: PeerCredentials) {
        self.head = head
        self.body = body
        self.peer = peer
    }

    /// The method, `GET` and so on.
    public var method: HTTPMethod { head.method }
    /// The request target as it came, neither decoded nor normalized.
    public var target: String { head.target }
    /// The path of the target, still percent-encoded.
    public var path: String { head.path }
    /// What follows the target's first `?`, still percent-encoded; nil without one.
    public var query: String? { head.query }
    /// The fields in the order of their arrival.
    public var headers: HTTPHeaders { head.headers }
}
