/// Why a stream could not be framed further.
public enum FramingError<Failure: Error>: Error {
    /// An event is longer than the limit, in bytes.
    case eventTooLong(limit: Int)
    /// The consumer of the events threw.
    case consumer(Failure)
}

extension FramingError: Sendable {}

/// Cuts a server-sent event stream into its events, whatever the chunks it comes in.
///
/// An event is emitted as its raw bytes with the blank line that ends it; comments, fields nobody
/// knows, a byte order mark and further blank lines are all in some event's bytes, so that what is
/// emitted, joined, is what came in. An event that lies whole inside a chunk is emitted as a part
/// of that chunk, without a copy.
///
/// Lines end with LF, CRLF or CR. Where a blank line's CR may still become a CRLF, the event waits
/// for the next byte, unless the line before ended with a bare CR: then the stream is one of bare
/// CRs and the event leaves at once. The events are the same for every way of cutting the stream.
///
/// Source: WHATWG HTML, section 9.2.5, Parsing an event stream.
public struct SSEFramer: Sendable {
    private enum After { case nothing, lineCR, blankCR }
    private enum Ending { case unknown, bareCR, other }

    /// How many bytes an event may have when nothing else is said: the last ones of a Responses stream
    /// say all of the answer again, with the images that were made.
    public static let defaultLimit = 32 << 20

    private let limit: Int
    private var partial: [UInt8] = []
    private var lineIsEmpty = true
    private var after = After.nothing
    private var lastEnding = Ending.unknown

    /// Starts at the beginning of a stream.
    public init(limit: Int = defaultLimit) { self.limit = limit }

    /// How many bytes of an unfinished event are held.
    public var heldBytes: Int { partial.count }

    /// Takes the stream's next bytes and emits each event that they complete.
    ///
    /// - Throws: ``FramingError``; the framer is of no use after that.
    public mutating func feed<Failure>(
        _ chunk: Span<UInt8>,
        _ emit: (Span<UInt8>) throws(Failure) -> Void
    ) throws(FramingError<Failure>) {
        var eventStart = 0
        var offset = 0
        while offset < chunk.count {
            let end = scanToEventEnd(chunk, &offset)
            guard let end else { break }
            try complete(chunk, eventStart..<end, emit)
            eventStart = end
        }
        guard eventStart < chunk.count else { return }
        guard partial.count + chunk.count - eventStart <= limit else {
            throw .eventTooLong(limit: limit)
        }
        partial.append(chunk, eventStart..<chunk.count)
    }

    /// Ends the stream: emits the event that only waited to see whether a CR was a CRLF, and gives
    /// back the bytes of an event that was never finished.
    ///
    /// - Throws: What `emit` throws.
    public mutating func finish<Failure>(
        _ emit: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) -> [UInt8] {
        let rest = partial
        let isComplete = after == .blankCR
        self = SSEFramer(limit: limit)
        guard isComplete else { return rest }
        try emit(rest.span)
        return []
    }

    private mutating func complete<Failure>(
        _ chunk: Span<UInt8>,
        _ range: Range<Int>,
        _ emit: (Span<UInt8>) throws(Failure) -> Void
    ) throws(FramingError<Failure>) {
        guard partial.count + range.count <= limit else { throw .eventTooLong(limit: limit) }
        do throws(Failure) {
            if partial.isEmpty {
                try emit(chunk.extracting(range))
            } else {
                partial.append(chunk, range)
                try emit(partial.span)
                // A single large event should not keep its memory for the rest of the stream.
                partial.removeAll(keepingCapacity: partial.count <= 1 << 16)
            }
        } catch {
            throw .consumer(error)
        }
    }

    /// Moves `offset` on to the end of the event, which is returned, or to the end of the chunk.
    private mutating func scanToEventEnd(_ chunk: Span<UInt8>, _ offset: inout Int) -> Int? {
        while offset < chunk.count {
            let byte = chunk[offset]
            switch after {
            case .nothing: break
            case .lineCR:
                after = .nothing
                if byte == 0x0A {
                    lastEnding = .other
                    offset += 1
                    continue
                }
                lastEnding = .bareCR
            case .blankCR:
                after = .nothing
                if byte == 0x0A {
                    lastEnding = .other
                    offset += 1
                } else {
                    lastEnding = .bareCR
                }
                return offset
            }
            if byte == 0x0A {
                offset += 1
                lastEnding = .other
                if lineIsEmpty { return offset }
                lineIsEmpty = true
            } else if byte == 0x0D {
                offset += 1
                if !lineIsEmpty {
                    lineIsEmpty = true
                    after = .lineCR
                } else if lastEnding == .bareCR {
                    return offset
                } else {
                    after = .blankCR
                }
            } else {
                lineIsEmpty = false
                offset = ByteScan.first(0x0A, or: 0x0D, in: chunk, offset..<chunk.count)
            }
        }
        return nil
    }
}
