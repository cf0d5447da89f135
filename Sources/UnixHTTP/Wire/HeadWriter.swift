import NIOCore

/// Writes the head of a message, and what of its body goes with it, as one run of bytes.
///
/// A line break in a field would let whoever chose it write fields, or a whole message, of their
/// own: such a field is refused.
struct HeadWriter {
    /// A field that cannot go on the wire as it is.
    struct UnwritableField: Error {
        let name: String
    }

    /// Up to here a body is copied behind its head, which is cheaper than a gathering write.
    static let copiedBytes = 32 * 1024

    private var bytes: [UInt8] = []

    /// Begins a head.
    init() {
        bytes.reserveCapacity(512)
    }

    /// Writes text that is known to be good.
    mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes a number in decimal digits.
    mutating func write(_ number: Int) {
        if number >= 10 { write(number / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// Writes a line end.
    mutating func endLine() {
        bytes.append(.carriageReturn)
        bytes.append(.lineFeed)
    }

    /// Writes a field.
    mutating func write(name: String, value: String) throws(UnwritableField) {
        let start = bytes.count
        bytes.append(contentsOf: name.utf8)
        let nameEnd = bytes.count
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        let valueStart = bytes.count
        bytes.append(contentsOf: value.utf8)
        guard nameEnd > start, bytes.span.extracting(start..<nameEnd).isToken,
            bytes.span.extracting(valueStart..<bytes.count).isFieldValue
        else { throw UnwritableField(name: name) }
        endLine()
    }

    /// The head, with a body behind it.
    func finish(with body: ByteBuffer? = nil) -> ByteBuffer {
        var message = ByteBuffer()
        message.reserveCapacity(bytes.count + (body?.readableBytes ?? 0))
        message.writeBytes(bytes)
        if let body { message.writeImmutableBuffer(body) }
        return message
    }
}

extension Span<UInt8> {
    /// Whether every byte may stand in a field's name.
    fileprivate var isToken: Bool {
        for index in indices where !self[index].isTokenByte { return false }
        return true
    }

    /// Whether every byte may stand in a field's value.
    ///
    /// Without an early end, which lets many bytes be looked at at once.
    fileprivate var isFieldValue: Bool {
        var bad: UInt8 = 0
        for index in indices { bad |= self[index].isFieldValueByte ? 0 : 1 }
        return bad == 0
    }
}
