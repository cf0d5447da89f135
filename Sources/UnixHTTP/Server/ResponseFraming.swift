import NIOCore
import NIOHTTP1

/// How the end of a response's body is marked (RFC 9112 section 6.3).
enum ResponseFraming: Equatable {
    /// There is no body, whatever is written: HEAD, 204, 304.
    case none
    /// The body has exactly this many bytes.
    case length(Int)
    /// The body comes in chunks, the last one empty.
    case chunked
    /// The body ends with the connection: all that HTTP/1.0 has without a length.
    case untilClose

    init(request: RequestHead?, status: HTTPResponseStatus, declaredLength: Int?) {
        if request?.method == .HEAD || status == .noContent || status == .notModified {
            self = .none
        } else if let declaredLength {
            self = .length(declaredLength)
        } else if request?.version == .http1_0 {
            self = .untilClose
        } else {
            self = .chunked
        }
    }

    /// Frames a part of the body; nil when nothing is to be sent for it.
    func frame(_ part: ByteBuffer) -> ByteBuffer? {
        guard part.readableBytes > 0 else { return nil }
        switch self {
        case .none: return nil
        case .length, .untilClose: return part
        case .chunked:
            // One buffer, one write: copying a chunk costs less than a second system call.
            var framed = ByteBuffer()
            framed.reserveCapacity(part.readableBytes + 20)
            framed.writeString(String(part.readableBytes, radix: 16) + "\r\n")
            framed.writeImmutableBuffer(part)
            framed.writeStaticString("\r\n")
            return framed
        }
    }

    /// What marks the end.
    var terminator: ByteBuffer {
        self == .chunked ? ByteBuffer(string: "0\r\n\r\n") : ByteBuffer()
    }
}

/// The head of a response, about to go on the wire.
struct ResponseHead {
    let status: HTTPResponseStatus
    let headers: HTTPHeaders
    let framing: ResponseFraming
    /// A length to declare besides the fields; nil where they say what is to be said.
    var length: Int?
    /// What `Connection` says; nil where the version's default is meant.
    let connection: String?

    /// The bytes of status line and fields, with a body behind them.
    ///
    /// Fields that belong to one connection are the server's to write, and left out of `headers`.
    func encoded(
        with body: ByteBuffer? = nil
    ) throws(HeadWriter.UnwritableField) -> ByteBuffer {
        var head = HeadWriter()
        if status == .ok {
            head.write("HTTP/1.1 200 OK")
        } else {
            let reason = status.reasonPhrase
            guard reason.utf8.allSatisfy(\.isFieldValueByte) else {
                throw HeadWriter.UnwritableField(name: "reason phrase")
            }
            head.write("HTTP/1.1 \(status.code) \(reason)")
        }
        head.endLine()
        for (name, value) in headers where isWritten(name) {
            try head.write(name: name, value: value)
        }
        if let length {
            head.write("content-length: ")
            head.write(length)
            head.endLine()
        }
        if framing == .chunked { head.write("transfer-encoding: chunked\r\n") }
        if let connection { head.write("connection: \(connection)\r\n") }
        head.endLine()
        return head.finish(with: body)
    }

    private func isWritten(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10:
            !name.isEqualCaseInsensitiveASCII("connection")
                && !name.isEqualCaseInsensitiveASCII("keep-alive")
        case 17: !name.isEqualCaseInsensitiveASCII("transfer-encoding")
        case 14:
            length == nil && status != .noContent
                || !name.isEqualCaseInsensitiveASCII("content-length")
        default: true
        }
    }
}

extension String {
    /// Compares field names, which are ASCII and have no case.
    func isEqualCaseInsensitiveASCII(_ other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (name, other) = (self, other)
        name.makeContiguousUTF8()
        other.makeContiguousUTF8()
        let (bytes, same) = (name.utf8.span, other.utf8.span)
        for index in bytes.indices where bytes[index] | 0x20 != same[index] | 0x20 { return false }
        return true
    }
}
