import FoundationEssentials
public import PrefModel
import Synchronization

/// What prefd did with the latest requests, for the principals they belong to.
///
/// In memory only: without consent nothing about a request is ever written. The oldest entries go
/// first; one principal can push out only their own once they hold their share.
public final class RequestLog: Sendable {
    /// The latest requests of one principal: a ring, the oldest of which is written over.
    private struct Recent {
        var explanations: [Explanation] = []
        /// What answers looked like, by request, where they were measured.
        var answers: [String: TextFeatures] = [:]
        /// The latest request of each turn of a conversation.
        var turns: [ConversationTurn: Turn] = [:]
        /// The requests that were answered with a response that the backend remembers.
        var responses: [AnsweredResponse: String] = [:]
        var oldest = 0
        /// When they last asked, counted in requests of everyone.
        var lastAsked = 0

        mutating func add(_ explanation: Explanation, at request: Int, limit: Int) {
            lastAsked = request
            guard explanations.count == limit else { return explanations.append(explanation) }
            let gone = explanations[oldest].id
            answers[gone] = nil
            if let turn = turns.first(where: { $0.value.id == gone })?.key { turns[turn] = nil }
            if let response = responses.first(where: { $0.value == gone })?.key {
                responses[response] = nil
            }
            explanations[oldest] = explanation
            oldest = (oldest + 1) % limit
        }

        mutating func complete(_ id: String, _ outcome: AnswerOutcome) {
            guard let index = index(of: id) else { return }
            explanations[index].status = outcome.status
            explanations[index].rules = outcome.hits
            explanations[index].unchecked = outcome.unchecked
        }

        /// Where a request is; it is most often one of the latest.
        func index(of id: String) -> Int? {
            let newestFirst = explanations[..<oldest].indices.reversed()
            return newestFirst.first { explanations[$0].id == id }
                ?? explanations[oldest...].indices.reversed().first { explanations[$0].id == id }
        }

        var inOrder: [Explanation] { Array(explanations[oldest...] + explanations[..<oldest]) }
    }

    /// The request that a turn of a conversation was answered by.
    struct Turn {
        let id: String
        let messages: Int
        let at: Date
        /// How often the turn was asked again before.
        let repeats: Int
    }

    private struct State {
        var recent: [Principal: Recent] = [:]
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
            state.recent[principal, default: Recent()]
                .add(explanation, at: state.requests, limit: perPrincipal)
        }
    }

    /// Notes that another backend than the chosen one gets the request.
    func reroute(_ id: String, of principal: Principal?, to backend: String) {
        guard let principal else { return }
        state.withLock { state in
            guard let index = state.recent[principal]?.index(of: id) else { return }
            state.recent[principal]?.explanations[index].backend = backend
        }
    }

    /// Adds what is known only at the end of an answer; nothing where the principal never was.
    func complete(_ id: String, of principal: Principal?, _ outcome: AnswerOutcome) {
        guard let principal else { return }
        state.withLock { state in
            // One look-up: a principal costs a hash of its id.
            state.recent[principal]?.complete(id, outcome)
        }
    }

    /// Forgets what a principal's answers looked like.
    public func forgetAnswers(of principal: Principal) {
        state.withLock { state in
            state.recent[principal]?.answers = [:]
            state.recent[principal]?.turns = [:]
            state.recent[principal]?.responses = [:]
        }
    }

    /// Adds the order that several answers were put in.
    func ranked(_ answers: [RankedAnswer], as id: String, of principal: Principal) {
        state.withLock { state in
            guard let index = state.recent[principal]?.index(of: id) else { return }
            state.recent[principal]?.explanations[index].ranking = answers
        }
    }

    /// Adds what an answer looked like; nothing where the request is not remembered any more.
    func measured(_ features: TextFeatures, as id: String, of principal: Principal) {
        state.withLock { state in
            guard state.recent[principal]?.index(of: id) != nil else { return }
            state.recent[principal]?.answers[id] = features
        }
    }

    /// The request that was answered with a response.
    func request(answeredWith response: AnsweredResponse, of principal: Principal) -> String? {
        state.withLock { $0.recent[principal]?.responses[response] }
    }

    /// Remembers which response a request was answered with; nothing where the request is not remembered.
    func remember(_ response: AnsweredResponse, as id: String, of principal: Principal) {
        state.withLock { state in
            guard state.recent[principal]?.index(of: id) != nil else { return }
            state.recent[principal]?.responses[response] = id
        }
    }

    /// The request that answered a turn of a conversation last.
    func request(at turn: ConversationTurn, of principal: Principal) -> Turn? {
        state.withLock { $0.recent[principal]?.turns[turn] }
    }

    /// Remembers which turn a request is; nothing where the request is not remembered.
    func remember(
        _ turn: ConversationTurn,
        messages: Int,
        repeats: Int,
        as id: String,
        of principal: Principal
    ) {
        state.withLock { state in
            guard state.recent[principal]?.index(of: id) != nil else { return }
            state.recent[principal]?.turns[turn] = Turn(
                id: id,
                messages: messages,
                at: Date(),
                repeats: repeats
            )
        }
    }

    /// The explanation of a request, for the principal whose request it was.
    public func explanation(id: String, of principal: Principal) -> Explanation? {
        state.withLock { state in
            guard let recent = state.recent[principal], let index = recent.index(of: id) else {
                return nil
            }
            return recent.explanations[index]
        }
    }

    /// What a request's answer looked like, where it was measured.
    public func answerFeatures(id: String, of principal: Principal) -> TextFeatures? {
        state.withLock { $0.recent[principal]?.answers[id] }
    }

    /// The explanations of a principal's own requests, the latest last.
    public func explanations(of principal: Principal) -> [Explanation] {
        state.withLock { $0.recent[principal]?.inOrder ?? [] }
    }

    /// Forgets everything about a principal.
    public func forget(_ principal: Principal) {
        state.withLock { $0.recent[principal] = nil }
        compositions.forget(principal)
        pseudonyms.forget(principal)
    }
}
