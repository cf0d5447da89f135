internal import PrefModel
internal import Synchronization

/// Counts each principal's calls in flight, so that one user's flood cannot take the whole service.
final class CallsInFlight: Sendable {
    private let counts = Mutex<[Principal: Int]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes a place for one call.
    func enter(_ principal: Principal) throws(APIRefusal) {
        let entered = counts.withLock { counts in
            let count = counts[principal, default: 0]
            guard count < limit else { return false }
            counts[principal] = count + 1
            return true
        }
        guard entered else { throw .tooManyCalls(limit: limit) }
    }

    /// Gives the place back.
    func leave(_ principal: Principal) {
        counts.withLock { counts in
            let left = counts[principal, default: 1] - 1
            counts[principal] = left > 0 ? left : nil
        }
    }
}
