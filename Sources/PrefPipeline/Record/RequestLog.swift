import PrefLearning
public import PrefModel
import Synchronization

/// What prefd did with the latest requests, for the principals they belong to.
///
/// In memory only: without consent nothing about a request is ever written. The oldest entries go
/// first; one principal can push out only their own once they hold their share.
public final class RequestLog: Sendable {
    private struct State {
        var recent: [Principal: RecentRequests] = [:]
        var requests = 0

        /// Forgets those who have not asked for longest, a part of all at once: looking through all for
        /// each one would be the dearest step of a request where many ask in turns.
        mutating func forgetIdlest(share: Int) {
            let idlest = recent.sorted { $0.value.lastAsked < $1.value.lastAsked }
            for (principal, _) in idlest.prefix(max(1, recent.count / share)) {
                recent[principal] = nil
            }
        }
    }

    private let state = Mutex(State())
    /// Kept here because what is remembered of a principal must be forgotten in one act.
    let compositions = CompositionCache()
    let pseudonyms = PseudonymCache()
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
            if state.recent[principal] == nil, state.recent.count >= principals {
                state.forgetIdlest(share: 8)
            }
            state.requests += 1
            state.recent[principal, default: RecentRequests()]
                .add(explanation, at: state.requests, limit: perPrincipal)
        }
    }

    /// Notes that another backend than the chosen one gets the request.
    func reroute(_ id: String, of principal: Principal?, to backend: String) {
        change(id, of: principal) { $0.explanation.backend = backend }
    }

    /// Adds what is known only at the end of an answer; nothing where the principal never was.
    func complete(_ id: String, of principal: Principal?, _ outcome: AnswerOutcome) {
        change(id, of: principal) {
            $0.explanation.status = outcome.status
            $0.explanation.rules = outcome.hits
            $0.explanation.unchecked = outcome.unchecked
        }
    }

    /// Forgets what a principal's answers looked like.
    public func forgetAnswers(of principal: Principal) {
        state.withLock { $0.recent[principal]?.forgetAnswers() }
    }

    /// Adds the order that several answers were put in.
    func ranked(_ answers: [RankedAnswer], as id: String, of principal: Principal) {
        change(id, of: principal) { $0.explanation.ranking = answers }
    }

    /// Adds what an answer looked like.
    func measured(_ counts: AnswerCounts, as id: String, of principal: Principal) {
        change(id, of: principal) { $0.answer = counts }
    }

    /// The request whose answer the backend knows by a name.
    func request(answeredWith name: ConversationKey, of principal: Principal) -> String? {
        state.withLock { $0.recent[principal]?.latest { $0.name == name }?.explanation.id }
    }

    /// Remembers what the backend knows a request's answer by.
    func remember(answer name: ConversationKey, as id: String, of principal: Principal) {
        change(id, of: principal) { $0.name = name }
    }

    /// The request whose answer is the latest in a conversation that the backend keeps; nil where what
    /// that looked like is not known, or whether there was one.
    func latestRequest(in conversation: ConversationKey, of principal: Principal) -> String? {
        let latest = state.withLock {
            $0.recent[principal]?.latest { $0.conversation == conversation }
        }
        return latest?.answer == nil ? nil : latest?.explanation.id
    }

    /// Remembers which conversation a request was added to.
    func remember(conversation: ConversationKey, as id: String, of principal: Principal) {
        change(id, of: principal) { $0.conversation = conversation }
    }

    /// The request that answered a turn of a conversation last.
    func request(at turn: ConversationTurn, of principal: Principal) -> RememberedTurn? {
        state.withLock { $0.recent[principal]?.latest { $0.turn?.turn == turn }?.turn }
    }

    /// Remembers which turn a request is.
    func remember(_ turn: RememberedTurn, of principal: Principal) {
        change(turn.id, of: principal) { $0.turn = turn }
    }

    /// Changes what is remembered of a request; does nothing where it is not remembered any more.
    private func change(
        _ id: String,
        of principal: Principal?,
        _ change: (inout RecentRequests.Entry) -> Void
    ) {
        guard let principal else { return }
        // One look-up: a principal costs a hash of its id.
        state.withLock { $0.recent[principal]?.change(id, change) }
    }

    /// The explanation of a request, for the principal whose request it was.
    public func explanation(id: String, of principal: Principal) -> Explanation? {
        state.withLock { $0.recent[principal]?.entry(id)?.explanation }
    }

    /// What a request's answer looked like, where it was measured.
    public func answerFeatures(id: String, of principal: Principal) -> TextFeatures? {
        state.withLock { $0.recent[principal]?.entry(id)?.answer }?.features
    }

    /// The explanations of a principal's own requests, the latest last.
    public func explanations(of principal: Principal) -> [Explanation] {
        state.withLock { $0.recent[principal]?.inOrder.map(\.explanation) ?? [] }
    }

    /// Forgets everything about a principal.
    public func forget(_ principal: Principal) {
        state.withLock { $0.recent[principal] = nil }
        compositions.forget(principal)
        pseudonyms.forget(principal)
    }
}
