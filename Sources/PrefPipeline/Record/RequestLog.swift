public import PrefModel
import Synchronization

/// What prefd did with the latest requests, for the principals they belong to.
///
/// In memory only: without consent nothing about a request is ever written. The oldest entries go
/// first; one principal can push out only their own once they hold their share.
public final class RequestLog: Sendable {
    private struct State {
        var byID: [String: (principal: Principal, explanation: Explanation)] = [:]
        var order: [Principal: [String]] = [:]
        /// When each principal last asked, counted in requests.
        var lastAsked: [Principal: Int] = [:]
        var requests = 0

        mutating func forget(_ principal: Principal) {
            for id in order.removeValue(forKey: principal) ?? [] { byID[id] = nil }
            lastAsked[principal] = nil
        }
    }

    private let state = Mutex(State())
    /// Kept here because what is remembered of a principal must be forgotten in one act.
    let compositions = CompositionCache()
    private let perPrincipal: Int
    private let principals: Int

    /// Makes an empty log.
    ///
    /// - Parameters:
    ///   - perPrincipal: how many requests of one principal are remembered.
    ///   - principals: how many principals have any remembered.
    public init(perPrincipal: Int = 64, principals: Int = 1024) {
        self.perPrincipal = perPrincipal
        self.principals = principals
    }

    /// Remembers a request.
    func remember(_ explanation: Explanation, of principal: Principal) {
        state.withLock { state in
            if state.order[principal] == nil, state.order.count >= principals,
                let oldest = state.lastAsked.min(by: { $0.value < $1.value })?.key
            {
                state.forget(oldest)
            }
            state.requests += 1
            state.lastAsked[principal] = state.requests
            state.byID[explanation.id] = (principal, explanation)
            state.order[principal, default: []].append(explanation.id)
            if let count = state.order[principal]?.count, count > perPrincipal {
                let oldest = state.order[principal]?.removeFirst()
                if let oldest { state.byID[oldest] = nil }
            }
        }
    }

    /// Adds what is known only at the end of an answer.
    func complete(_ id: String, status: Int, rules: [RuleHit]) {
        state.withLock { state in
            state.byID[id]?.explanation.status = status
            state.byID[id]?.explanation.rules = rules
        }
    }

    /// The explanation of a request, for the principal whose request it was.
    public func explanation(id: String, of principal: Principal) -> Explanation? {
        state.withLock { state in
            guard let entry = state.byID[id], entry.principal == principal else { return nil }
            return entry.explanation
        }
    }

    /// The explanations of a principal's own requests, the latest last.
    public func explanations(of principal: Principal) -> [Explanation] {
        state.withLock { state in
            (state.order[principal] ?? []).compactMap { state.byID[$0]?.explanation }
        }
    }

    /// Forgets everything about a principal.
    public func forget(_ principal: Principal) {
        state.withLock { $0.forget(principal) }
        compositions.forget(principal)
    }
}
