/// How a dialect's streams are cut into events.
public enum StreamFraming: Sendable {
    /// Server-sent events.
    case serverSentEvents
    /// One JSON value a line.
    case jsonLines

    /// The media types that a backend may call such a stream by.
    public var mediaTypes: [String] {
        switch self {
        case .serverSentEvents: ["text/event-stream"]
        case .jsonLines: ["application/x-ndjson", "application/ndjson", "application/jsonl"]
        }
    }
}

/// Cuts a stream of either framing into raw events.
public struct StreamFramer: Sendable {
    /// How the stream is framed.
    public let framing: StreamFraming
    private var events = SSEFramer()
    private var lines = LineFramer()

    /// Starts at the beginning of a stream.
    public init(_ framing: StreamFraming) { self.framing = framing }

    /// Takes the stream's next bytes and emits each event that they complete, with its ending.
    ///
    /// - Throws: ``FramingError``; the framer is of no use after that.
    public mutating func feed<Failure>(
        _ chunk: Span<UInt8>,
        _ emit: (Span<UInt8>) throws(Failure) -> Void
    ) throws(FramingError<Failure>) {
        switch framing {
        case .serverSentEvents: try events.feed(chunk, emit)
        case .jsonLines: try lines.feed(chunk, emit)
        }
    }

    /// Ends the stream: emits what only waited for its end, and gives back the bytes of an event
    /// that was never finished.
    ///
    /// - Throws: What `emit` throws.
    public mutating func finish<Failure>(
        _ emit: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) -> [UInt8] {
        switch framing {
        case .serverSentEvents: try events.finish(emit)
        case .jsonLines: lines.finish()
        }
    }
}
