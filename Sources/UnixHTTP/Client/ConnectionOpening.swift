import NIOCore
import Synchronization

/// One attempt to connect, which ends once: with a connection, a failure, or a change of mind.
final class ConnectionOpening: Sendable {
    typealias Outcome = Result<NIOLoopBound<ClientConnection>, ClientError>

    private struct State {
        var outcome: Outcome?
        var waiter: CheckedContinuation<Outcome, Never>?
        var channels: [any Channel] = []
    }

    private let state = Mutex(State())

    var hasEnded: Bool { state.withLock { $0.outcome != nil } }

    func wait() async throws(ClientError) -> NIOLoopBound<ClientConnection> {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let outcome = state.withLock { state -> Outcome? in
                    if state.outcome == nil { state.waiter = waiter }
                    return state.outcome
                }
                if let outcome { waiter.resume(returning: outcome) }
            }
        } onCancel: {
            fail(.cancelled)
        }
        return try outcome.get()
    }

    /// Notes a socket that belongs to the attempt, to be closed when it fails.
    func tries(_ channel: any Channel) {
        let hasEnded = state.withLock { state in
            state.channels.append(channel)
            return state.outcome != nil
        }
        if hasEnded { channel.close(promise: nil) }
    }

    /// Ends the attempt well; false when it had ended before, and the connection is not wanted.
    func succeed(_ connection: NIOLoopBound<ClientConnection>) -> Bool {
        end(.success(connection))
    }

    func fail(_ error: ClientError) {
        guard end(.failure(error)) else { return }
        for channel in state.withLock({ $0.channels }) { channel.close(promise: nil) }
    }

    private func end(_ outcome: Outcome) -> Bool {
        var waiter: CheckedContinuation<Outcome, Never>?
        let isFirst = state.withLock { state in
            guard state.outcome == nil else { return false }
            state.outcome = outcome
            waiter = state.waiter.take()
            return true
        }
        waiter?.resume(returning: outcome)
        return isFirst
    }
}
