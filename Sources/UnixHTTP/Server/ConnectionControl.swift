import Synchronization

/// Whether a connection's peer is still there and its exchange still wanted.
///
/// It ties the task that serves a connection to the fate of its socket: when the peer goes away
/// in the middle of an exchange the task is cancelled, and after the answer's last byte it is not,
/// so that what a handler does with a finished exchange is not cut short.
final class ConnectionControl: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var exchangeIsOpen = false
        var peerIsGone = false
        var isDraining = false
    }

    private let state = Mutex(State())

    /// Names the task that serves the connection.
    func attach(_ task: Task<Void, Never>) {
        state.withLock { $0.task = task }
    }

    /// Begins an exchange; false when there is nobody left to answer.
    func beginExchange() -> Bool {
        state.withLock { state in
            guard !state.peerIsGone else { return false }
            state.exchangeIsOpen = true
            return true
        }
    }

    /// Ends an exchange: from here on the peer may leave without cancelling anything.
    func endExchange() {
        state.withLock { $0.exchangeIsOpen = false }
    }

    /// Notes that the socket is closed, and cancels the exchange that is open.
    func peerLeft() {
        let cancelled: Task<Void, Never>? = state.withLock { state in
            state.peerIsGone = true
            return state.exchangeIsOpen ? state.task : nil
        }
        cancelled?.cancel()
    }

    /// Cancels whatever runs.
    func cancel() {
        state.withLock { $0.task }?.cancel()
    }

    /// Asks for the running exchange to be the connection's last.
    func drain() {
        state.withLock { $0.isDraining = true }
    }

    /// The socket is closed.
    var peerIsGone: Bool { state.withLock { $0.peerIsGone } }
    /// No exchange may follow the running one.
    var isDraining: Bool { state.withLock { $0.isDraining } }
}
