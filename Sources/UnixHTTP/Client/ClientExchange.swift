import NIOCore
import NIOHTTP1
import Synchronization

/// One request and its answer, between the task that waits and the connection that delivers.
///
/// The connection's event loop delivers, a task takes; each side finds the other through the lock.
final class ClientExchange: Sendable {
    /// The answer's head, or why there is none.
    enum Start: Sendable {
        case head(HTTPResponseHead)
        case failed(ClientError)
        /// The connection was already closed, and nothing was sent on it.
        case notSent
    }

    private typealias PartWaiter = CheckedContinuation<Result<ByteBuffer?, ClientError>, Never>

    private enum End {
        case complete
        case failed(ClientError)
    }

    private struct State {
        var start: Start?
        var startWaiter: CheckedContinuation<Start, Never>?
        var parts = CircularBuffer<ByteBuffer>(initialCapacity: 4)
        var bufferedBytes = 0
        var end: End?
        var partWaiter: PartWaiter?
        var connection: NIOLoopBound<ClientConnection>?
        var sourceIsPaused = false
    }

    let request: OutgoingRequest
    let timeouts: ClientTimeouts
    private let readAheadBytes: Int
    private let state = Mutex(State())

    init(_ request: OutgoingRequest, timeouts: ClientTimeouts, readAheadBytes: Int) {
        self.request = request
        self.timeouts = timeouts
        self.readAheadBytes = readAheadBytes
    }
}

// MARK: - The task's side

extension ClientExchange {
    /// Waits for the head of the answer.
    func waitForStart() async -> Start {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let start = state.withLock { state -> Start? in
                    if state.start == nil { state.startWaiter = waiter }
                    return state.start
                }
                if let start { waiter.resume(returning: start) }
            }
        } onCancel: {
            abandon(.cancelled)
        }
    }

    /// Forgets a connection that took nothing, to try another.
    func reset() {
        state.withLock { state in
            guard case .notSent? = state.start else { return }
            state.start = nil
            state.connection = nil
        }
    }

    /// Waits for the next part of the body; nil after the last.
    func nextPart(
        isolation actor: isolated (any Actor)? = #isolation
    ) async throws(ClientError) -> ByteBuffer? {
        if let ready = takePart(waiter: nil) { return try ready.get() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if let ready = takePart(waiter: waiter) { waiter.resume(returning: ready) }
            }
        } onCancel: {
            abandon(.cancelled)
        }
        return try result.get()
    }

    private func takePart(waiter: PartWaiter?) -> Result<ByteBuffer?, ClientError>? {
        var resumed: NIOLoopBound<ClientConnection>?
        let result: Result<ByteBuffer?, ClientError>? = state.withLock { state in
            if var part = state.parts.popFirst() {
                // What has arrived goes on as one: a reader that writes each part on would
                // otherwise make a system call for every chunk of a busy stream.
                while let more = state.parts.popFirst() { part.writeImmutableBuffer(more) }
                state.bufferedBytes = 0
                if state.sourceIsPaused, state.bufferedBytes < readAheadBytes / 2 {
                    state.sourceIsPaused = false
                    resumed = state.connection
                }
                return .success(part)
            }
            switch state.end {
            case .complete?: return .success(nil)
            case .failed(let error)?: return .failure(error)
            case nil:
                state.partWaiter = waiter
                return nil
            }
        }
        resumed?.onLoop { $0.resumeReading(for: self) }
        return result
    }

    /// Ends the exchange with an error, and closes its connection unless the answer is whole.
    func abandon(_ error: ClientError) {
        var closed: NIOLoopBound<ClientConnection>?
        end(.failed(error)) { closed = $0 }
        closed?.onLoop { $0.close(ifServing: self) }
    }
}

// MARK: - The connection's side

extension ClientExchange {
    /// Ties the exchange to the connection that will deliver; false when it was abandoned before.
    func attach(_ connection: NIOLoopBound<ClientConnection>) -> Bool {
        state.withLock { state in
            guard state.end == nil else { return false }
            state.connection = connection
            return true
        }
    }

    func refuse() {
        deliver(.notSent)
    }

    func deliver(_ start: Start) {
        let waiter = state.withLock { state in
            guard state.start == nil else { return nil as CheckedContinuation<Start, Never>? }
            state.start = start
            return state.startWaiter.take()
        }
        waiter?.resume(returning: start)
    }

    /// Passes a part on; false when the source is to pause until ``ClientConnection/resumeReading(for:)``.
    func deliver(_ part: ByteBuffer) -> Bool {
        guard part.readableBytes > 0 else { return true }
        var waiter: PartWaiter?
        let goesOn = state.withLock { state in
            waiter = state.partWaiter.take()
            if waiter == nil, state.end == nil {
                state.parts.append(part)
                state.bufferedBytes += part.readableBytes
                state.sourceIsPaused = state.bufferedBytes >= readAheadBytes
            }
            return !state.sourceIsPaused
        }
        waiter?.resume(returning: .success(part))
        return goesOn
    }

    func complete() {
        end(.complete) { _ in }
    }

    func fail(_ error: ClientError) {
        end(.failed(error)) { _ in }
    }

    private func end(_ end: End, connection: (NIOLoopBound<ClientConnection>?) -> Void) {
        var start: (CheckedContinuation<Start, Never>, Start)?
        var part: (PartWaiter, Result<ByteBuffer?, ClientError>)?
        state.withLock { state in
            guard state.end == nil else { return }
            state.end = end
            connection(state.connection.take())
            if case .failed(let error) = end {
                if state.start == nil {
                    state.start = .failed(error)
                    if let waiter = state.startWaiter.take() { start = (waiter, .failed(error)) }
                }
                if error == .cancelled { state.parts.removeAll() }
            }
            if let waiter = state.partWaiter.take() {
                switch end {
                case .complete: part = (waiter, .success(nil))
                case .failed(let error): part = (waiter, .failure(error))
                }
            }
        }
        if let (waiter, value) = start { waiter.resume(returning: value) }
        if let (waiter, value) = part { waiter.resume(returning: value) }
    }
}
