import Synchronization

extension BackendLine {
    /// A turn for the question of a rule; nil while the backend is left alone, or gives no verdicts in
    /// time: then the rule has its way at once.
    ///
    /// It takes none of the backend's places: a request that has one there would wait for itself.
    func verdictTurn() -> VerdictTurn? {
        let admission = verdicts.withLock { $0.admit(at: .now) }
        if case .refused = admission { return nil }
        guard let turn = turnWithoutPlace() else {
            if admission == .probe { verdicts.withLock { $0.probeGivenUp() } }
            return nil
        }
        return VerdictTurn(line: self, turn: turn, isProbe: admission == .probe)
    }
}

/// The time of one rule's question at a backend.
///
/// A rule may wait for less time than requests do. That its patience ended says nothing of the backend to
/// them, so it is counted by itself.
final class VerdictTurn: Sendable {
    private let line: BackendLine
    private let turn: Turn
    private let isProbe: Bool
    private let isDecided = Atomic(false)

    fileprivate init(line: BackendLine, turn: Turn, isProbe: Bool) {
        self.line = line
        self.turn = turn
        self.isProbe = isProbe
    }

    /// The head of the answer is here; true where this ended a suspension of the backend.
    func answered() -> Bool { turn.answered() }

    /// The backend failed; true where this begins a suspension of it.
    func failed(_ failure: UpstreamFailure) -> Bool { turn.failed(failure) }

    /// The answer was whole before the rule's patience ended.
    func cameInTime() {
        isDecided.store(true, ordering: .relaxed)
        line.verdicts.withLock { _ = $0.answered() }
    }

    /// It was not; true where rules do not wait for this backend for a while from now on.
    func cameTooLate() -> Bool {
        isDecided.store(true, ordering: .relaxed)
        return line.verdicts.withLock { $0.failed(at: .now, wasProbe: isProbe) }
    }

    /// The question is over, however it went.
    func end() {
        turn.end()
        if isProbe, !isDecided.load(ordering: .relaxed) {
            line.verdicts.withLock { $0.probeGivenUp() }
        }
    }
}
