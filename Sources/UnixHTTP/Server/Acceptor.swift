import CPeerCred
import Dispatch
import Glibc
import Synchronization

/// Takes connections from a listening socket, on a queue of its own.
///
/// The kernel has one line for all who connect: whoever fills it makes others wait. So nothing else
/// holds this up, and what is done here for a connection is little.
final class Acceptor: Sendable {
    private struct State {
        var isEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// How long those who wait to be accepted wait on when descriptors have run out.
    private static let pause = DispatchTimeInterval.milliseconds(100)

    private let descriptor: CInt
    private let queue = DispatchQueue(label: "prefd.accept", qos: .userInteractive)
    // libdispatch's objects may be used from any thread; its overlay does not say so.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let state = Mutex(State())

    /// Owns the listening socket, and closes it at the end.
    init(_ descriptor: CInt) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        unsafe source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    }

    /// Begins to accept; `take` has every connection's descriptor, and owns it.
    func start(_ take: @escaping @Sendable (CInt) -> Void) {
        unsafe source.setEventHandler { self.accept(take) }
        unsafe source.setCancelHandler { self.end() }
        unsafe source.resume()
    }

    /// Accepts no more; who waits in the socket's line stays there.
    func stop() { unsafe source.cancel() }

    /// Waits until no more are accepted, and all that were have been handed on.
    func waitUntilEnd() async {
        await withCheckedContinuation { waiter in
            let isEnded = state.withLock { state in
                if !state.isEnded { state.waiters.append(waiter) }
                return state.isEnded
            }
            if isEnded { waiter.resume() }
        }
    }

    private func accept(_ take: (CInt) -> Void) {
        while unsafe !source.isCancelled {
            let connection = cpeercred_accept(descriptor)
            if connection >= 0 {
                take(connection)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                unsafe source.suspend()
                queue.asyncAfter(deadline: .now() + Self.pause) { unsafe self.source.resume() }
                return
            default: return unsafe source.cancel()
            }
        }
    }

    private func end() {
        let waiters = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        Glibc.close(descriptor)
        for waiter in waiters { waiter.resume() }
    }
}
