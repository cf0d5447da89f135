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
    init(at socket: PeekableSocket) {
        guard socket.channel.isActive, let descriptor = socket.descriptor else {
            self = .endOfStream
            return
        }
        self.init(peekingAt: descriptor)
    }

    /// Looks at a socket that belongs to no channel yet.
    init(peekingAt descriptor: CInt) {
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

/// A channel and its socket, asked for once: asking is dear, and the socket stays the same for as
/// long as the channel is active.
struct PeekableSocket {
    fileprivate let channel: any Channel
    fileprivate let descriptor: CInt?

    /// To be made on the channel's event loop.
    init(of channel: any Channel) {
        self.channel = channel
        descriptor = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: CInt.self
        ) { $0 }
    }
}
