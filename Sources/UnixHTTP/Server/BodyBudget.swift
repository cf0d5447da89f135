import Synchronization

/// How much of request bodies a server holds at once, and how much of that is one user's.
///
/// Each body alone is within its limit; many at once would be more than the memory that the process may
/// have, and the kernel would end it with everybody's requests. So the next one is refused instead. One
/// user has at most half of it, so that there is some left for the others.
final class BodyBudget: Sendable {
    /// Bodies up to here are not counted: the number of connections bounds them.
    static let uncountedBytes = 64 * 1024

    private struct State {
        var total = 0
        var byUser: [UInt32: Int] = [:]
    }

    private let limitBytes: Int
    private let state = Mutex(State())

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Takes more bytes for a user's body; false where they are not to be had, and nothing was taken.
    func take(_ bytes: Int, for uid: UInt32) -> Bool {
        state.withLock { state in
            let own = state.byUser[uid, default: 0] + bytes
            guard state.total + bytes <= limitBytes, own <= limitBytes / 2 else { return false }
            state.total += bytes
            state.byUser[uid] = own
            return true
        }
    }

    /// Gives bytes back, those of a body that is no longer needed.
    func give(_ bytes: Int, for uid: UInt32) {
        guard bytes > 0 else { return }
        state.withLock { state in
            state.total -= bytes
            let left = state.byUser[uid, default: 0] - bytes
            state.byUser[uid] = left > 0 ? left : nil
        }
    }
}
