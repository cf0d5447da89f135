internal import Synchronization

/// Whether the server can be reached: asked for by everything, found out by the watch.
final class FleetReach: Sendable {
    private struct State {
        var awaySince: ContinuousClock.Instant?
        var reason = ""
    }

    private let state = Mutex(State())

    /// Why the server cannot be reached, or nil where it can.
    var failure: StoreError? {
        state.withLock { $0.awaySince == nil ? nil : .serverAway(reason: $0.reason) }
    }

    var isAway: Bool { state.withLock { $0.awaySince != nil } }

    /// Takes note that the server did not answer; says whether that is new.
    @discardableResult
    func lose(_ reason: String) -> Bool {
        state.withLock { state in
            state.reason = reason
            guard state.awaySince == nil else { return false }
            state.awaySince = .now
            return true
        }
    }

    func find() { state.withLock { $0.awaySince = nil } }

    /// For how long the server has not been reached.
    var away: Duration { state.withLock { $0.awaySince.map { .now - $0 } } ?? .zero }
}
