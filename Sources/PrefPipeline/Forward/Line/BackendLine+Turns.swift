import PrefModel
import Synchronization

extension BackendLine {
    /// Waits until a request may go to the backend.
    ///
    /// `queues` says whether it takes one of the backend's places; a question that needs no model does
    /// not.
    ///
    /// - Throws: ``Refusal/backendSuspended(_:retryAfter:)``, ``Refusal/backendBusy(_:retryAfter:)``, or
    ///   `CancellationError` where the client has gone.
    func turn(for principal: Principal, at backend: String, queues: Bool) async throws -> Turn {
        let waits = queues && limits.maxConcurrent != nil
        var queued: Duration?
        if waits {
            let came = ContinuousClock.now
            // Nobody waits for a backend that is left alone.
            let outlook = state.withLock { $0.breaker.outlook(at: .now) }
            if case .refused(let wait) = outlook {
                throw Refusal.backendSuspended(backend, retryAfter: wait.wholeSecondsUp)
            }
            switch await enterQueue(principal) {
            case .admitted: break
            case .cancelled: throw CancellationError()
            case .full, .expired:
                throw Refusal.backendBusy(backend, retryAfter: expectedWaitSeconds)
            }
            queued = .now - came
        }
        switch admission {
        case .admitted: return begin(isProbe: false, queued: queued)
        case .probe: return begin(isProbe: true, queued: queued)
        case .refused(let wait):
            if waits { leaveQueue(heldFor: nil) }
            throw Refusal.backendSuspended(backend, retryAfter: wait.wholeSecondsUp)
        }
    }

    /// A turn that takes none of the backend's places; nil while the backend is left alone.
    func turnWithoutPlace() -> Turn? {
        switch admission {
        case .admitted: begin(isProbe: false, queued: nil)
        case .probe: begin(isProbe: true, queued: nil)
        case .refused: nil
        }
    }

    private var admission: CircuitBreaker.Admission {
        guard isTroubled.load(ordering: .relaxed) else { return .admitted }
        return state.withLock { $0.breaker.admit(at: .now) }
    }

    private func begin(isProbe: Bool, queued: Duration?) -> Turn {
        running.add(1, ordering: .relaxed)
        return Turn(line: self, isProbe: isProbe, queued: queued)
    }

    private func enterQueue(_ principal: Principal) async -> QueueOutcome {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> QueueOutcome? in
                    // A cancellation before this point has found nobody to tell.
                    if Task.isCancelled { return .cancelled }
                    switch state.queue.enter(principal, ticket) {
                    case .admitted: return .admitted
                    case .full: return .full
                    case .waits(let evicted):
                        state.waiters[ticket] = Waiter(
                            principal: principal,
                            continuation: continuation,
                            timer: nil
                        )
                        if let evicted { state.tell(evicted, .full) }
                        return nil
                    }
                }
                if let outcome { return continuation.resume(returning: outcome) }
                expire(ticket, after: limits.queueWait)
            }
        } onCancel: {
            giveUp(ticket, .cancelled)
        }
    }

    private func expire(_ ticket: UInt64, after wait: Duration) {
        let timer = Task {
            guard (try? await Task.sleep(for: wait)) != nil else { return }
            self.giveUp(ticket, .expired)
        }
        state.withLock { state in
            // It may have had its turn meanwhile.
            if state.waiters[ticket] == nil { timer.cancel() }
            state.waiters[ticket]?.timer = timer
        }
    }

    private func giveUp(_ ticket: UInt64, _ outcome: QueueOutcome) {
        state.withLock { state in
            guard let waiter = state.waiters[ticket] else { return }
            state.queue.remove(ticket, of: waiter.principal)
            state.tell(ticket, outcome)
        }
    }

    /// Gives a place back, which the next in turn gets.
    func leaveQueue(heldFor held: Duration?) {
        state.withLock { state in
            if let held {
                let seconds = Double(held.wholeMicroseconds) / 1_000_000
                state.meanHold = state.meanHold.map { $0 * 0.8 + seconds * 0.2 } ?? seconds
            }
            if let next = state.queue.leave() { state.tell(next, .admitted) }
        }
    }

    /// When a place should be free for one more, judged by how long the last ones were kept.
    private var expectedWaitSeconds: Int {
        state.withLock { state in
            let ahead = Double(state.queue.waiting + 1) / Double(state.queue.slots)
            return min(120, max(1, Int((ahead * (state.meanHold ?? 1)).rounded(.up))))
        }
    }
}

extension BackendLine.State {
    fileprivate mutating func tell(_ ticket: UInt64, _ outcome: BackendLine.QueueOutcome) {
        guard let waiter = waiters.removeValue(forKey: ticket) else { return }
        waiter.timer?.cancel()
        waiter.continuation.resume(returning: outcome)
    }
}

/// One request's time at a backend.
final class Turn: Sendable {
    private let line: BackendLine
    private let isProbe: Bool
    /// How long it waited for its turn; nil where nobody waits.
    let queued: Duration?
    /// When it began: the request is sent from here on.
    let began = ContinuousClock.now
    private let isDecided = Atomic(false)
    /// Microseconds from `began` to the head of the answer.
    private let responseMicroseconds = Atomic<Int64>(0)

    init(line: BackendLine, isProbe: Bool, queued: Duration?) {
        self.line = line
        self.isProbe = isProbe
        self.queued = queued
    }

    /// From its beginning to the head of the answer.
    var response: Duration { .microseconds(responseMicroseconds.load(ordering: .relaxed)) }

    /// The head of the answer is here; true where this ended a suspension.
    func answered() -> Bool {
        isDecided.store(true, ordering: .relaxed)
        let now = ContinuousClock.now
        responseMicroseconds.store((now - began).wholeMicroseconds, ordering: .relaxed)
        return line.noteAnswer(at: now)
    }

    /// The exchange failed; true where this begins a suspension.
    ///
    /// What goes wrong after the head of an answer is no reason to leave the backend alone.
    func failed(_ failure: UpstreamFailure) -> Bool {
        guard !isDecided.exchange(true, ordering: .relaxed) else { return false }
        return line.noteFailure(failure, wasProbe: isProbe)
    }

    /// The exchange is over, however it went.
    func end() {
        line.running.subtract(1, ordering: .relaxed)
        if isProbe, !isDecided.load(ordering: .relaxed) {
            line.state.withLock { $0.breaker.probeGivenUp() }
        }
        if queued != nil { line.leaveQueue(heldFor: ContinuousClock.now - began) }
    }
}

extension Duration {
    /// In whole seconds, rounded up, at least one: what `Retry-After` takes.
    fileprivate var wholeSecondsUp: Int {
        Int(components.seconds) + (components.attoseconds > 0 || components.seconds == 0 ? 1 : 0)
    }
}
