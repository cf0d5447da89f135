import PrefModel
import Synchronization

/// The pseudonyms of those who asked lately: each is a keyed hash, and the same at every request.
///
/// In memory only, and bounded.
final class PseudonymCache: Sendable {
    private let limit: Int
    private let known = Mutex<[Principal: String]>([:])

    /// Makes an empty cache for so many principals.
    init(limit: Int = 2048) { self.limit = limit }

    /// The principal's pseudonym, from memory where it was made before.
    func pseudonym(of principal: Principal, from profiles: any ProfileSource) -> String {
        if let pseudonym = known.withLock({ $0[principal] }) { return pseudonym }
        let made = profiles.pseudonym(of: principal)
        known.withLock { known in
            if known.count >= limit { known.removeAll(keepingCapacity: true) }
            known[principal] = made
        }
        return made
    }

    /// Forgets a principal.
    func forget(_ principal: Principal) {
        known.withLock { $0[principal] = nil }
    }
}
