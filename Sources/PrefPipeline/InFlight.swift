import PrefModel
import Synchronization

/// How many requests each principal has running, so that one person's flood stays their own.
public final class InFlight: Sendable {
    private let running = Mutex<[Principal: Int]>([:])

    /// Starts with nothing running.
    public init() {}

    /// Counts a request in.
    ///
    /// - Throws: ``Refusal/tooManyRequests(limit:)`` where the principal has as many as they may.
    func enter(_ principal: Principal, limit: Int) throws(Refusal) {
        let entered = running.withLock { running in
            let count = running[principal, default: 0]
            guard count < limit else { return false }
            running[principal] = count + 1
            return true
        }
        guard entered else { throw .tooManyRequests(limit: limit) }
    }

    /// Counts a request out.
    func leave(_ principal: Principal) {
        running.withLock { running in
            guard let count = running[principal] else { return }
            running[principal] = count > 1 ? count - 1 : nil
        }
    }

    /// How many are running for everyone.
    public var total: Int { running.withLock { $0.values.reduce(0, +) } }
}
