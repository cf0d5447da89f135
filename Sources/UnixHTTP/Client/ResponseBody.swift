public import NIOCore

/// The body of an answer in the parts in which it arrives, for one reader.
///
/// The server is read no further than ``ClientLimits/readAheadBytes`` ahead of the reader. An
/// answer that ends before its declared end throws: a truncated body never looks complete. (One
/// without a length or chunks ends with its connection, and has no other end to miss.)
/// When the task that waits here is cancelled, and when the last copy of the body is dropped
/// before its end, the connection is closed at once.
public struct ResponseBody: AsyncSequence, Sendable {
    /// A part of the body as it came; never empty.
    public typealias Element = ByteBuffer
    /// Why there is no more.
    public typealias Failure = ClientError

    private let reading: Reading

    init(_ exchange: ClientExchange) {
        reading = Reading(exchange)
    }

    /// Begins, or goes on, to read; all iterators share one position.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reading: reading)
    }

    /// Reads what is left as one buffer.
    ///
    /// - Throws: ``ClientError``; for more than `limitBytes` the connection is closed.
    public func collect(upTo limitBytes: Int) async throws(ClientError) -> ByteBuffer {
        var whole: ByteBuffer?
        var iterator = makeAsyncIterator()
        while let part = try await iterator.next(isolation: #isolation) {
            guard (whole?.readableBytes ?? 0) + part.readableBytes <= limitBytes else {
                cancel()
                throw .responseTooLarge(limitBytes: limitBytes)
            }
            if whole == nil { whole = part } else { whole?.writeImmutableBuffer(part) }
        }
        return whole ?? ByteBuffer()
    }

    /// Gives the rest up and closes the connection.
    public func cancel() {
        reading.exchange.abandon(.cancelled)
    }

    /// Reads the parts one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reading: Reading

        /// Waits for the next part; nil after the last.
        ///
        /// - Throws: ``ClientError``, the same again when asked again.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ClientError) -> ByteBuffer? {
            try await reading.exchange.nextPart(isolation: actor)
        }
    }

    /// Closes the connection of a body that nobody can read any more.
    fileprivate final class Reading: Sendable {
        let exchange: ClientExchange

        init(_ exchange: ClientExchange) {
            self.exchange = exchange
        }

        deinit {
            exchange.abandon(.cancelled)
        }
    }
}
