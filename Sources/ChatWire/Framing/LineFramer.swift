/// Cuts a stream of JSON lines into its lines, whatever the chunks it comes in.
///
/// A line is emitted as its raw bytes with the line feed that ends it, so that what is emitted,
/// joined, is what came in. A line that lies whole inside a chunk is emitted as a part of that
/// chunk, without a copy.
///
/// Source: <https://github.com/ndjson/ndjson-spec>, section 3.
public struct LineFramer: Sendable {
    private let limit: Int
    private var partial: [UInt8] = []

    /// Starts at the beginning of a stream, whose lines may have so many bytes.
    public init(limit: Int = SSEFramer.defaultLimit) { self.limit = limit }

    /// How many bytes of an unfinished line are held.
    public var heldBytes: Int { partial.count }

    /// Takes the stream's next bytes and emits each line that they complete.
    ///
    /// - Throws: ``FramingError``; the framer is of no use after that.
    public mutating func feed<Failure>(
        _ chunk: Span<UInt8>,
        _ emit: (Span<UInt8>) throws(Failure) -> Void
    ) throws(FramingError<Failure>) {
        var start = 0
        while start < chunk.count {
            let end = ByteScan.first(0x0A, in: chunk, start..<chunk.count)
            let next = min(end + 1, chunk.count)
            guard partial.count + next - start <= limit else { throw .eventTooLong(limit: limit) }
            guard end < chunk.count else { return partial.append(chunk, start..<next) }
            do throws(Failure) {
                if partial.isEmpty {
                    try emit(chunk.extracting(start..<next))
                } else {
                    partial.append(chunk, start..<next)
                    try emit(partial.span)
                    // A single large line should not keep its memory for the rest of the stream.
                    partial.removeAll(keepingCapacity: partial.count <= 1 << 16)
                }
            } catch {
                throw .consumer(error)
            }
            start = next
        }
    }

    /// Ends the stream, and gives back the bytes of a line that was never ended.
    public mutating func finish() -> [UInt8] {
        defer { partial = [] }
        return partial
    }
}
