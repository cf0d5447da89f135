import NIOCore
import NIOHTTP1

/// Why bytes are no message of HTTP/1.
enum WireFault: Error, Equatable {
    /// What about them is against the rules.
    case malformed(String)
    /// A head or trailer is larger than the limit, or has too many fields.
    case headTooLarge
}

/// Reads the heads of messages from a connection's bytes (RFC 9112 sections 2 to 5).
///
/// Strict: a line ends with CR LF and nothing else, a field is one line, and what two readers could
/// read differently is refused. Bytes that come one at a time are read like those that come at once.
struct HeadReader {
    /// The most bytes of a head or trailer.
    let maxBytes: Int
    /// The most fields in one.
    let maxFields: Int
    private var ending = SectionEnd()

    init(maxBytes: Int, maxFields: Int) {
        self.maxBytes = maxBytes
        self.maxFields = maxFields
    }

    /// Takes the head of a request off the front of `bytes`; nil while it is not whole.
    mutating func request(
        from bytes: inout ByteBuffer
    ) throws(WireFault) -> (RequestHead, FramingFields)? {
        guard let head = try section(from: &bytes, skippingBlankLines: true) else { return nil }
        let line = try RequestLine(head.readableBytesUInt8Span)
        let method = HTTPMethod(rawValue: head.text(0..<line.methodLength))
        // NIO's list is older than QUERY, the safe method with a body.
        if case .RAW(let name) = method, name != "QUERY" {
            throw .malformed("the method is not one of HTTP")
        }
        let target = head.text(line.target)
        let (headers, framing) = try fields(of: head, from: line.length)
        let request = RequestHead(
            method: method,
            target: target,
            headers: headers,
            version: line.version
        )
        return (request, framing)
    }

    /// Takes the head of a response off the front of `bytes`; nil while it is not whole.
    mutating func response(
        from bytes: inout ByteBuffer
    ) throws(WireFault) -> (HTTPResponseHead, FramingFields)? {
        guard let head = try section(from: &bytes, skippingBlankLines: true) else { return nil }
        let line = try StatusLine(head.readableBytesUInt8Span)
        // A reason phrase means nothing (RFC 9112, section 4), and one that is not the usual would make
        // of a 204 a status that is not equal to "no content".
        let status = HTTPResponseStatus(statusCode: line.code)
        let (headers, framing) = try fields(of: head, from: line.length)
        let response = HTTPResponseHead(version: line.version, status: status, headers: headers)
        return (response, framing)
    }

    /// Takes a trailer off the front of `bytes` and drops it; false while it is not whole.
    mutating func trailer(from bytes: inout ByteBuffer) throws(WireFault) -> Bool {
        guard let lines = try section(from: &bytes, skippingBlankLines: false) else { return false }
        _ = try fields(of: lines, from: 0)
        return true
    }

    /// Takes the lines up to the next blank one.
    private mutating func section(
        from bytes: inout ByteBuffer,
        skippingBlankLines: Bool
    ) throws(WireFault) -> ByteBuffer? {
        while let length = try ending.find(in: bytes.readableBytesUInt8Span) {
            ending = SectionEnd()
            guard length <= maxBytes, let section = bytes.readSlice(length: length) else {
                throw .headTooLarge
            }
            // Blank lines before a message are left over from one before it (section 2.2).
            if length > 2 || !skippingBlankLines { return section }
        }
        guard bytes.readableBytes <= maxBytes else { throw .headTooLarge }
        return nil
    }

    /// Reads fields up to the blank line that ends them.
    private func fields(
        of section: ByteBuffer,
        from start: Int
    ) throws(WireFault) -> (HTTPHeaders, FramingFields) {
        let bytes = section.readableBytesUInt8Span
        var headers: [(String, String)] = []
        headers.reserveCapacity(12)
        var framing = FramingFields()
        var offset = start
        while offset + 2 < bytes.count {
            guard headers.count < maxFields else { throw .headTooLarge }
            let line = try FieldLine(bytes, at: offset)
            framing.note(line, in: bytes)
            headers.append((section.text(line.name), section.text(line.value)))
            offset = line.end
        }
        return (HTTPHeaders(headers), framing)
    }
}

/// Looks for the blank line that ends a head, going on where it stopped.
private struct SectionEnd {
    private var lineStart = 0
    private var position = 0

    /// The section's length with its blank line; nil while it is not there.
    mutating func find(in bytes: Span<UInt8>) throws(WireFault) -> Int? {
        var position = position
        while position < bytes.count {
            guard bytes[position] == .lineFeed else {
                position += 1
                continue
            }
            guard position > lineStart, bytes[position - 1] == .carriageReturn else {
                throw .malformed("a line does not end with CR LF")
            }
            position += 1
            if position - lineStart == 2 { return position }
            lineStart = position
        }
        self.position = position
        return nil
    }
}

/// Where the parts of one field line are.
struct FieldLine {
    let name: Range<Int>
    /// The value, without the white space around it.
    let value: Range<Int>
    /// Behind the line's CR LF.
    let end: Int

    /// Finds and checks the parts of the line that begins at `start` (RFC 9112 section 5).
    init(_ bytes: Span<UInt8>, at start: Int) throws(WireFault) {
        var colon = start
        while colon < bytes.count, bytes[colon].isTokenByte { colon += 1 }
        guard colon > start, colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else {
            throw .malformed("a header field has a character that it must not have")
        }
        var first = colon + 1
        while first < bytes.count, bytes[first].isBlank { first += 1 }
        var last = first
        while last < bytes.count, bytes[last].isFieldValueByte { last += 1 }
        guard last + 1 < bytes.count, bytes[last] == .carriageReturn,
            bytes[last + 1] == .lineFeed
        else { throw .malformed("a header field has a character that it must not have") }
        name = start..<colon
        end = last + 2
        while last > first, bytes[last - 1].isBlank { last -= 1 }
        value = first..<last
    }
}

extension ByteBuffer {
    /// The text of some of the readable bytes.
    fileprivate func text(_ range: Range<Int>) -> String {
        // Ranges are those of lines that were found in these very bytes.
        getString(at: readerIndex + range.lowerBound, length: range.count) ?? ""
    }
}

/// The first line of a request: `METHOD target HTTP/1.1` (RFC 9112 section 3).
private struct RequestLine {
    /// What follows the target.
    private static let versionLength = " HTTP/1.1\r\n".utf8.count

    let methodLength: Int
    let target: Range<Int>
    let version: HTTPVersion
    /// The length of the line with its CR LF.
    let length: Int

    init(_ bytes: Span<UInt8>) throws(WireFault) {
        var space = 0
        while space < bytes.count, bytes[space].isTokenByte { space += 1 }
        guard space > 0, space < bytes.count, bytes[space] == UInt8(ascii: " ") else {
            throw .malformed("the method is not one of HTTP")
        }
        var end = space + 1
        while end < bytes.count, bytes[end] > 0x20, bytes[end] < 0x7F { end += 1 }
        guard end > space + 1 else { throw .malformed("the request target is not valid") }
        let next = end + Self.versionLength
        guard next <= bytes.count, bytes[end] == UInt8(ascii: " "),
            let version = HTTPVersion(bytes, at: end + 1), bytes[next - 2] == .carriageReturn
        else {
            throw .malformed("its first line does not end with HTTP/1.1 or HTTP/1.0 and CR LF")
        }
        methodLength = space
        target = (space + 1)..<end
        self.version = version
        length = next
    }
}

/// The first line of a response: `HTTP/1.1 200 OK` (RFC 9112 section 4); a server may leave the
/// reason out.
private struct StatusLine {
    let version: HTTPVersion
    let code: Int
    /// The length of the line with its CR LF.
    let length: Int

    init(_ bytes: Span<UInt8>) throws(WireFault) {
        guard bytes.count >= 14, let version = HTTPVersion(bytes, at: 0),
            bytes[8] == UInt8(ascii: " "), bytes[9].isDigit, bytes[10].isDigit, bytes[11].isDigit,
            bytes[9] > UInt8(ascii: "0")
        else { throw .malformed("its first line is not a status line") }
        var end = 12
        while end < bytes.count, bytes[end].isFieldValueByte { end += 1 }
        guard end + 1 < bytes.count, bytes[end] == .carriageReturn, bytes[end + 1] == .lineFeed,
            end == 12 || bytes[12] == UInt8(ascii: " ")
        else { throw .malformed("its first line is not a status line") }
        self.version = version
        code = (9..<12).reduce(0) { $0 * 10 + Int(bytes[$1] & 0x0F) }
        length = end + 2
    }
}

extension HTTPVersion {
    /// Reads `HTTP/1.1` or `HTTP/1.0`.
    fileprivate init?(_ bytes: Span<UInt8>, at start: Int) {
        guard start + 8 <= bytes.count, bytes.extracting(start..<(start + 7)).isEqual(to: "HTTP/1.")
        else { return nil }
        switch bytes[start + 7] {
        case UInt8(ascii: "1"): self = .http1_1
        case UInt8(ascii: "0"): self = .http1_0
        default: return nil
        }
    }
}

extension Span<UInt8> {
    /// Compares with ASCII text, byte for byte.
    fileprivate func isEqual(to text: StaticString) -> Bool {
        // A static string's bytes live as long as the program.
        let expected = unsafe UnsafeBufferPointer(
            start: text.utf8Start,
            count: text.utf8CodeUnitCount
        )
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices where unsafe self[index] != expected[index] { return false }
        return true
    }
}
