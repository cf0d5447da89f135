/// Whether a backend that kept failing is asked again.
///
/// After so many failures in a row it is left alone for a pause. Then one request, a real one, is let
/// through: where it is answered, all are let through again; where it fails, the next pause begins.
struct CircuitBreaker: Sendable {
    /// What becomes of a request.
    enum Admission: Equatable {
        /// It goes to the backend.
        case admitted
        /// It goes to the backend, and what becomes of it decides for all.
        case probe
        /// It does not go, and has so long to wait until one may.
        case refused(wait: Duration)
    }

    /// How many failures in a row suspend the backend; 0 for never.
    let failuresToOpen: Int
    /// How long it is then left alone.
    let pause: Duration

    private(set) var failures = 0
    private(set) var opensAt: ContinuousClock.Instant?
    private var isProbing = false

    /// Starts with a backend that is trusted.
    init(failuresToOpen: Int, pause: Duration) {
        self.failuresToOpen = failuresToOpen
        self.pause = pause
    }

    /// Whether requests are refused now, but for the one that tries.
    var isOpen: Bool { opensAt != nil }

    /// What would become of a request, without taking the place of the one that tries.
    func outlook(at now: ContinuousClock.Instant) -> Admission {
        guard let opensAt else { return .admitted }
        if now < opensAt { return .refused(wait: opensAt - now) }
        return isProbing ? .refused(wait: .seconds(1)) : .probe
    }

    /// Decides on a request.
    mutating func admit(at now: ContinuousClock.Instant) -> Admission {
        let admission = outlook(at: now)
        if admission == .probe { isProbing = true }
        return admission
    }

    /// The backend answered; true where this ended a suspension.
    mutating func answered() -> Bool {
        defer {
            failures = 0
            opensAt = nil
            isProbing = false
        }
        return isOpen
    }

    /// The backend did not answer; true where this begins a suspension.
    mutating func failed(at now: ContinuousClock.Instant, wasProbe: Bool) -> Bool {
        failures += 1
        if wasProbe { isProbing = false }
        guard failuresToOpen > 0, failures >= failuresToOpen, !isOpen || wasProbe else {
            return false
        }
        defer { opensAt = now + pause }
        return !isOpen
    }

    /// The request that tried was given up by its client: another may try.
    mutating func probeGivenUp() { isProbing = false }
}
