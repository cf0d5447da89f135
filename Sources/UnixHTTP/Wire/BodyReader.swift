import NIOCore

/// Takes the body of one message out of its framing (RFC 9112 sections 6 and 7).
struct BodyReader {
    /// How the end of the body is marked.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// By the end of the connection.
        case untilClose
    }

    private enum State: Equatable {
        case length(left: Int)
        case untilClose
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailer
        case done
    }

    private var state: State
    private var trailer: HeadReader

    init(_ framing: Framing, trailer: HeadReader) {
        self.trailer = trailer
        state =
            switch framing {
            case .length(0): .done
            case .length(let length): .length(left: length)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
    }

    /// Whether the body has been read to its end.
    var isDone: Bool { state == .done }
    /// Whether the end of the connection is the body's proper end.
    var endsWithConnection: Bool { state == .untilClose }

    /// Takes what `bytes` has of the body; empty where that is nothing.
    ///
    /// Chunks that have arrived together come as one part: a reader that writes each part on would
    /// otherwise make a system call for every chunk of a busy stream.
    mutating func read(from bytes: inout ByteBuffer) throws(WireFault) -> ByteBuffer {
        var part = ByteBuffer()
        while bytes.readableBytes > 0, state != .done {
            switch state {
            case .length(let left):
                let taken = take(upTo: left, from: &bytes, into: &part)
                state = taken == left ? .done : .length(left: left - taken)
            case .untilClose:
                take(upTo: bytes.readableBytes, from: &bytes, into: &part)
            case .chunk(let left):
                let taken = take(upTo: left, from: &bytes, into: &part)
                state = taken == left ? .chunkEnd : .chunk(left: left - taken)
            case .chunkSize:
                guard let size = try chunkSize(from: &bytes) else { return part }
                state = size == 0 ? .trailer : .chunk(left: size)
            case .chunkEnd:
                guard try lineEnd(from: &bytes) else { return part }
                state = .chunkSize
            case .trailer:
                guard try trailer.trailer(from: &bytes) else { return part }
                state = .done
            case .done: break
            }
        }
        return part
    }

    @discardableResult
    private func take(
        upTo limit: Int,
        from bytes: inout ByteBuffer,
        into part: inout ByteBuffer
    ) -> Int {
        let count = min(limit, bytes.readableBytes)
        guard let slice = bytes.readSlice(length: count) else { return 0 }
        if part.readableBytes == 0 { part = slice } else { part.writeImmutableBuffer(slice) }
        return count
    }

    /// Takes the line before a chunk; nil while it is not whole.
    private func chunkSize(from bytes: inout ByteBuffer) throws(WireFault) -> Int? {
        guard let line = try SizeLine(bytes.readableBytesUInt8Span) else { return nil }
        bytes.moveReaderIndex(forwardBy: line.length)
        return line.size
    }

    /// Takes the line end after a chunk; false while it is not whole.
    private func lineEnd(from bytes: inout ByteBuffer) throws(WireFault) -> Bool {
        let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self)
        let second = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt8.self)
        guard first == .carriageReturn, second == nil || second == .lineFeed else {
            throw .malformed("a chunk is longer than its size")
        }
        guard second != nil else { return false }
        bytes.moveReaderIndex(forwardBy: 2)
        return true
    }
}

/// The line before a chunk: its size in hexadecimal, perhaps with extensions, which are ignored.
private struct SizeLine {
    /// The longest such line.
    private static let longest = 1024

    let size: Int
    /// The length of the line with its CR LF.
    let length: Int

    /// Reads the line; nil while it is not whole.
    init?(_ bytes: Span<UInt8>) throws(WireFault) {
        var (size, end) = (0, 0)
        while end < bytes.count, let digit = bytes[end].hexadecimal {
            guard size <= Int.max >> 4 else { throw Self.fault }
            size = size << 4 | digit
            end += 1
        }
        guard end < bytes.count else { return nil }
        guard end > 0, bytes[end] == .carriageReturn || bytes[end] == UInt8(ascii: ";") else {
            throw Self.fault
        }
        var isQuoted = false
        while end < bytes.count, bytes[end].isFieldValueByte {
            if bytes[end] == UInt8(ascii: "\"") { isQuoted.toggle() }
            if bytes[end] == UInt8(ascii: ";"), !isQuoted {
                guard Self.beginsName(bytes, after: end) else { throw Self.fault }
            }
            end += 1
        }
        guard !isQuoted || end == bytes.count else { throw Self.fault }
        guard end < Self.longest, end == bytes.count || bytes[end] == .carriageReturn else {
            throw Self.fault
        }
        guard end + 1 < bytes.count else { return nil }
        guard bytes[end + 1] == .lineFeed else { throw Self.fault }
        self.size = size
        length = end + 2
    }

    /// Whether an extension's name follows a semicolon, or may still.
    private static func beginsName(_ bytes: Span<UInt8>, after semicolon: Int) -> Bool {
        var next = semicolon + 1
        while next < bytes.count, bytes[next].isBlank { next += 1 }
        return next == bytes.count || bytes[next].isTokenByte
    }

    private static let fault = WireFault.malformed("a chunk's size is not valid")
}

extension UInt8 {
    fileprivate var hexadecimal: Int? {
        switch self {
        case 0x30...0x39: Int(self) - 0x30
        case 0x41...0x46: Int(self) - 0x41 + 10
        case 0x61...0x66: Int(self) - 0x61 + 10
        default: nil
        }
    }
}
