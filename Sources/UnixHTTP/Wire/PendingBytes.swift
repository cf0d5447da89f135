import Glibc
import NIOCore

/// What a socket holds for its reader, as seen without reading it.
enum PendingBytes {
    /// Nothing has arrived, and the peer has not closed.
    case none
    /// Bytes wait to be read.
    case some
    /// The peer has closed its side, or the socket failed.
    case endOfStream

    /// Looks at a channel's socket; to be called on the channel's event loop.
    init(waitingAt channel: any Channel) {
        let peeked = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: CInt.self
        ) { PendingBytes(peekingAt: $0) }
        self = peeked.flatMap { $0 } ?? .endOfStream
    }

    private init(peekingAt descriptor: CInt) {
        var byte: UInt8 = 0
        // recv(2) writes at most the one byte that it is given room for.
        let count = unsafe recv(
            descriptor,
            &byte,
            1,
            CInt(MSG_PEEK) | CInt(MSG_DONTWAIT)
        )
        if count > 0 {
            self = .some
        } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR {
            self = .none
        } else {
            self = .endOfStream
        }
    }
}
