import ChatWire
import NIOCore
import NIOHTTP1

/// The mirror's answers on the wire.
extension ForwardResponse {
    /// A whole answer.
    static func json(_ status: Int, _ json: String) -> ForwardResponse {
        ForwardResponse(
            status: status,
            headers: ["content-type": "application/json"],
            nextChunk: sequence([json])
        )
    }

    /// Server-sent events, each of nothing but data.
    static func events(_ data: [String]) -> ForwardResponse {
        ForwardResponse(
            status: 200,
            headers: ["content-type": "text/event-stream"],
            nextChunk: sequence(data.map { "data: \($0)\n\n" })
        )
    }

    /// Server-sent events, each named by its type.
    static func events(_ events: [(type: String, data: String)]) -> ForwardResponse {
        ForwardResponse(
            status: 200,
            headers: ["content-type": "text/event-stream"],
            nextChunk: sequence(events.map { "event: \($0.type)\ndata: \($0.data)\n\n" })
        )
    }

    /// Lines of JSON.
    static func lines(_ lines: [String]) -> ForwardResponse {
        ForwardResponse(
            status: 200,
            headers: ["content-type": "application/x-ndjson"],
            nextChunk: sequence(lines.map { $0 + "\n" })
        )
    }

    private static func sequence(_ pieces: [String]) -> @Sendable () async throws -> ByteBuffer? {
        let rest = PieceQueue(pieces.map { ByteBuffer(string: $0) })
        return { await rest.next() }
    }
}

extension String {
    /// The text as a JSON string, with its quotes.
    var quotedAsJSON: String {
        "\"" + String(decoding: JSONString.encoded(self), as: UTF8.self) + "\""
    }
}

/// Hands out pieces one by one.
private actor PieceQueue {
    private var pieces: ArraySlice<ByteBuffer>

    init(_ pieces: [ByteBuffer]) { self.pieces = pieces[...] }

    func next() -> ByteBuffer? { pieces.popFirst() }
}
