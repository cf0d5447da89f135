import PrefModel
import Synchronization

/// What stands before one backend: who is let through to it, and what has been seen of it.
///
/// It lasts as long as the backend's configuration does not change, over reloads too. A request to a
/// backend that answers and has no `max_concurrent` passes without a lock.
public final class BackendLine: Sendable {
    /// What an admin has settled for a backend.
    public struct Limits: Sendable, Hashable {
        /// How many requests it takes at once; nil for any number.
        public var maxConcurrent: Int?
        /// How many may wait for their turn.
        public var maxQueued = 64
        /// How long one may wait.
        public var queueWait = Duration.seconds(30)
        /// After how many failures in a row it is left alone; 0 for never.
        public var failuresToOpen = 5
        /// How long it is then left alone.
        public var pause = Duration.seconds(10)

        /// Makes limits, each at its default.
        public init() {}
    }

    /// What is known of a backend from the requests that went to it.
    public struct Sight: Sendable, Equatable {
        /// How long ago it last answered; nil where it never did.
        public var answered: Duration?
        /// How it failed since then, in a few words; nil where it did not.
        public var failure: String?
        /// Whether requests are refused until one was answered.
        public var isSuspended = false
        /// How many requests it has now.
        public var running = 0
        /// How many wait for their turn.
        public var waiting = 0
    }

    struct State {
        var breaker: CircuitBreaker
        var queue: FairQueue<Principal>
        var waiters: [UInt64: Waiter] = [:]
        var nextTicket: UInt64 = 0
        /// How long requests have lately had their place, in seconds.
        var meanHold: Double?
        var failure: String?
    }

    /// A request that waits for its turn.
    struct Waiter {
        let principal: Principal
        let continuation: CheckedContinuation<QueueOutcome, Never>
        var timer: Task<Void, Never>?
    }

    enum QueueOutcome { case admitted, full, expired, cancelled }

    /// What was configured.
    public let limits: Limits
    let state: Mutex<State>
    /// Whether there is anything that the lock would tell: failures since the last answer.
    let isTroubled = Atomic(false)
    let running = Atomic(0)
    /// Whether rules wait for its verdicts, which they may do for a shorter time than requests.
    let verdicts: Mutex<CircuitBreaker>
    private let began = ContinuousClock.now
    /// Microseconds from `began` to the last answer; negative where there was none.
    private let answeredAt = Atomic<Int64>(-1)

    /// Makes a line in front of a backend of which nothing is known.
    public init(limits: Limits = Limits()) {
        self.limits = limits
        verdicts = Mutex(
            CircuitBreaker(failuresToOpen: limits.failuresToOpen, pause: limits.pause)
        )
        state = Mutex(
            State(
                breaker: CircuitBreaker(
                    failuresToOpen: limits.failuresToOpen,
                    pause: limits.pause
                ),
                queue: FairQueue(
                    slots: limits.maxConcurrent ?? .max,
                    capacity: limits.maxQueued
                )
            )
        )
    }

    /// What is known now.
    public var sight: Sight {
        let at = answeredAt.load(ordering: .relaxed)
        return state.withLock { state in
            Sight(
                answered: at < 0 ? nil : ContinuousClock.now - began - .microseconds(at),
                failure: state.failure,
                isSuspended: state.breaker.isOpen,
                running: running.load(ordering: .relaxed),
                waiting: state.queue.waiting
            )
        }
    }

    /// Notes that the backend answered; true where this ended a suspension.
    func noteAnswer(at now: ContinuousClock.Instant) -> Bool {
        answeredAt.store((now - began).wholeMicroseconds, ordering: .relaxed)
        guard isTroubled.load(ordering: .relaxed) else { return false }
        return state.withLock { state in
            isTroubled.store(false, ordering: .relaxed)
            state.failure = nil
            return state.breaker.answered()
        }
    }

    /// Notes that the backend did not answer; true where this begins a suspension.
    func noteFailure(_ failure: UpstreamFailure, wasProbe: Bool) -> Bool {
        state.withLock { state in
            isTroubled.store(true, ordering: .relaxed)
            state.failure = failure.inWords
            return state.breaker.failed(at: .now, wasProbe: wasProbe)
        }
    }
}

extension BackendLine: Equatable {
    /// A line is itself.
    public static func == (one: BackendLine, other: BackendLine) -> Bool { one === other }
}

extension Duration {
    /// In whole microseconds.
    var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
