import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A plain blocking Unix socket, for saying exactly the bytes that a test wants said.
///
/// The blocking calls run on a thread pool, so that they never hold up what they wait for.
final class RawSocket: Sendable {
    enum Failure: Error {
        case timedOut
        case reset
    }

    let descriptor: CInt
    private let isOpen = Mutex(true)

    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit { close() }

    static func connect(to path: String) async throws -> RawSocket {
        try await blocking {
            let socket = RawSocket(descriptor: try newSocket())
            let address = try SocketAddress(unixDomainSocketPath: path)
            // The address lives for the length of the call.
            let result = unsafe address.withSockAddr {
                unsafe Glibc.connect(socket.descriptor, $0, socklen_t($1))
            }
            guard result == 0 else { throw POSIXFailure(call: "connect") }
            return socket
        }
    }

    static func listen(at path: String) throws -> RawSocket {
        let socket = RawSocket(descriptor: try newSocket())
        let address = try SocketAddress(unixDomainSocketPath: path)
        // The address lives for the length of the call.
        let result = unsafe address.withSockAddr {
            unsafe Glibc.bind(socket.descriptor, $0, socklen_t($1))
        }
        guard result == 0 else { throw POSIXFailure(call: "bind") }
        guard Glibc.listen(socket.descriptor, 64) == 0 else { throw POSIXFailure(call: "listen") }
        return socket
    }

    /// Lets one connection wait, and makes every other one be refused for now.
    func shrinkBacklog() {
        Glibc.listen(descriptor, 0)
    }

    func accept(within timeout: Duration = .seconds(10)) async throws -> RawSocket {
        try await blocking {
            guard try self.isReady(POLLIN, within: timeout) else { throw Failure.timedOut }
            let accepted = Glibc.accept(self.descriptor, nil, nil)
            guard accepted >= 0 else { throw POSIXFailure(call: "accept") }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            return RawSocket(descriptor: accepted)
        }
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking {
            var rest = bytes[...]
            while !rest.isEmpty {
                guard try self.isReady(POLLOUT, within: .seconds(20)) else {
                    throw Failure.timedOut
                }
                // send(2) reads no further than the buffer that it is given.
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.send(
                        self.descriptor,
                        $0.baseAddress,
                        $0.count,
                        CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
                    )
                }
                if count < 0, errno == EAGAIN { continue }
                guard count >= 0 else { throw POSIXFailure(call: "send") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Reads what is there, or waits for it; empty at the end of the stream.
    func receive(
        atMost limit: Int = 65536,
        within timeout: Duration = .seconds(10)
    ) async throws -> [UInt8] {
        try await blocking {
            guard try self.isReady(POLLIN, within: timeout) else { throw Failure.timedOut }
            var buffer = [UInt8](repeating: 0, count: min(limit, 1 << 20))
            // recv(2) writes no further than the buffer that it is given.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(self.descriptor, $0.baseAddress, $0.count, 0)
            }
            if count < 0, errno == ECONNRESET { throw Failure.reset }
            guard count >= 0 else { throw POSIXFailure(call: "recv") }
            return Array(buffer[..<count])
        }
    }

    /// Reads until the text ends as given, or the stream does.
    func receiveText(
        until ending: String,
        within timeout: Duration = .seconds(10)
    ) async throws -> String {
        var text = ""
        while !text.hasSuffix(ending) {
            let bytes = try await receive(within: timeout)
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    /// Reads to the end of the stream.
    func receiveToEnd(within timeout: Duration = .seconds(10)) async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try await receive(within: timeout)
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    /// Whether the peer has closed, or closes soon.
    func endsSoon(within timeout: Duration = .seconds(10)) async -> Bool {
        do {
            return try await receive(within: timeout).isEmpty
        } catch {
            return (error as? Failure) == .reset
        }
    }

    func shutdownWriting() {
        Glibc.shutdown(descriptor, CInt(SHUT_WR))
    }

    func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard wasOpen else { return }
        // A child process that is being spawned elsewhere may hold the descriptor for a moment
        // longer: the connection ends now all the same.
        Glibc.shutdown(descriptor, CInt(SHUT_RDWR))
        Glibc.close(descriptor)
    }

    private static func newSocket() throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXFailure(call: "socket") }
        return descriptor
    }

    private func isReady(_ events: CInt, within timeout: Duration) throws -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let milliseconds = CInt(timeout / .milliseconds(1))
        // poll(2) reads and writes the one entry that it is given.
        let count = unsafe poll(&entry, 1, milliseconds)
        guard count >= 0 || errno == EINTR else { throw POSIXFailure(call: "poll") }
        return count > 0
    }
}

private func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await RawSocket.threads.runIfActive(body)
}

extension RawSocket {
    fileprivate static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 32)
        pool.start()
        return pool
    }()
}
