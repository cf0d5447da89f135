import NIOCore
import Synchronization

/// The connections of a client: those that wait for an exchange, by endpoint, and all that are open.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [Endpoint: [NIOLoopBound<ClientConnection>]] = [:]
        var open: [ObjectIdentifier: any Channel] = [:]
        var isShutDown = false
    }

    private let maxIdlePerEndpoint: Int
    private let state = Mutex(State())

    init(maxIdlePerEndpoint: Int) {
        self.maxIdlePerEndpoint = maxIdlePerEndpoint
    }

    var isShutDown: Bool { state.withLock { $0.isShutDown } }

    /// How many connections wait for an exchange.
    var idleCount: Int { state.withLock { $0.idle.values.reduce(0) { $0 + $1.count } } }

    /// Takes the connection that was used last, on the given event loop where one is given.
    func take(
        for endpoint: Endpoint,
        on eventLoop: (any EventLoop)?
    ) -> NIOLoopBound<ClientConnection>? {
        state.withLock { state in
            guard let idle = state.idle[endpoint] else { return nil }
            let index = idle.lastIndex { eventLoop == nil || $0.eventLoop === eventLoop }
            return index.flatMap { state.idle[endpoint]?.remove(at: $0) }
        }
    }

    /// Keeps a connection for later; false when it is not wanted.
    func put(_ connection: NIOLoopBound<ClientConnection>, for endpoint: Endpoint) -> Bool {
        state.withLock { state in
            guard !state.isShutDown,
                state.idle[endpoint, default: []].count < maxIdlePerEndpoint
            else { return false }
            state.idle[endpoint, default: []].append(connection)
            return true
        }
    }

    func opened(_ connection: NIOLoopBound<ClientConnection>, channel: any Channel) {
        let isShutDown = state.withLock { state in
            state.open[ObjectIdentifier(connection.value)] = channel
            return state.isShutDown
        }
        if isShutDown { channel.close(promise: nil) }
    }

    func closed(_ connection: ClientConnection, of endpoint: Endpoint, wasIdle: Bool) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            guard wasIdle else { return }
            // Ids are compared by address only: the value itself belongs to its event loop, which
            // is this one for the connection and maybe not for its neighbours.
            state.idle[endpoint]?.removeAll {
                $0.eventLoop.inEventLoop && $0.value === connection
            }
            if state.idle[endpoint]?.isEmpty == true { state.idle[endpoint] = nil }
        }
    }

    /// Closes every connection and takes none back.
    func shutDown() -> [any Channel] {
        state.withLock { state in
            state.isShutDown = true
            state.idle = [:]
            return Array(state.open.values)
        }
    }
}
