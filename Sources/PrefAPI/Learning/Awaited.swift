internal import Synchronization

/// A value that is being made: who needs it waits for it, and no longer than they like.
final class Awaited<Value: Sendable>: Sendable {
    private enum State {
        case waiting([Int: CheckedContinuation<Value?, Never>], asked: Int)
        case made(Value)
    }

    private let state = Mutex(State.waiting([:], asked: 0))

    /// Gives the value to all who wait for it, and to all who ask later; only the first counts.
    func fulfil(_ value: Value) {
        let waiting = state.withLock { state -> [CheckedContinuation<Value?, Never>] in
            guard case .waiting(let waiting, _) = state else { return [] }
            state = .made(value)
            return Array(waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    /// The value, or nil where it is not made within `patience`; nil waits for as long as it takes.
    func value(within patience: Duration? = nil) async -> Value? {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> Int? in
                switch state {
                case .made(let value):
                    continuation.resume(returning: value)
                    return nil
                case .waiting(var waiting, let asked):
                    waiting[asked] = continuation
                    state = .waiting(waiting, asked: asked + 1)
                    return asked
                }
            }
            guard let number, let patience else { return }
            Task {
                try? await Task.sleep(for: patience)
                stopWaiting(number)
            }
        }
    }

    private func stopWaiting(_ number: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<Value?, Never>? in
            guard case .waiting(var waiting, let asked) = state else { return nil }
            let continuation = waiting.removeValue(forKey: number)
            state = .waiting(waiting, asked: asked)
            return continuation
        }
        continuation?.resume(returning: nil)
    }
}
