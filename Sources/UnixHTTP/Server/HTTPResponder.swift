import NIOCore
import NIOHTTP1

/// What a server does with the requests that reach it.
///
/// Both functions run on the connection's event loop: what computes for long moves itself
/// elsewhere. When the client goes away before the answer is finished, their task is cancelled at
/// once; after ``ResponseWriter/finish()`` they may go on.
public protocol HTTPResponder: Sendable {
    /// Answers a request that arrived whole and valid.
    ///
    /// An error that leaves here before a head was sent becomes a bare 500; after that, the
    /// connection is closed without the end of the answer.
    func respond(to request: HTTPRequest, through response: ResponseWriter) async throws

    /// Answers a request that was refused before it was whole, in whatever form its path calls for.
    ///
    /// `head` is nil where not even that could be read.
    func respond(
        to fault: RequestFault,
        head: RequestHead?,
        peer: PeerCredentials,
        through response: ResponseWriter
    ) async throws
}

extension HTTPResponder {
    /// Answers with the fault's status and its message as plain text.
    public func respond(
        to fault: RequestFault,
        head: RequestHead?,
        peer: PeerCredentials,
        through response: ResponseWriter
    ) async throws {
        try await response.send(
            fault.status,
            headers: ["content-type": "text/plain; charset=utf-8"],
            body: ByteBuffer(string: fault.message + "\n")
        )
    }
}
