internal import FoundationEssentials
internal import PrefControl
internal import PrefLearning
internal import PrefModel

extension DataAPI {
    /// `GET /prefd/v1/elicit`: the question whose answer is expected to tell most.
    ///
    /// Asking keeps nothing.
    func nextQuestion(_ call: Call) async throws(APIRefusal) -> APIResponse {
        try .json(try await elicited(call))
    }

    /// `POST /prefd/v1/elicit` with `{"question": …, "choice": "first" | "second" | "skip"}`: keeps the
    /// choice as a signal, and gives the next question.
    func answerQuestion(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let body = try BodyObject(body: call.request.body, fields: ["question", "choice"])
        let id = try body.requiredString("question")
        guard let question = ElicitationQuestion.all.first(where: { $0.id == id }) else {
            throw .badValue(
                "That is no question that prefd asks.",
                hint: "Send the id of the question that GET /prefd/v1/elicit gave."
            )
        }
        let allowed = QuestionChoice.allCases.map(\.rawValue)
        guard let choice = QuestionChoice(rawValue: try body.requiredString("choice")) else {
            throw .badValue(
                "choice is not one that a question takes.",
                hint: "Choose one of: \(allowed.joined(separator: ", ")).",
                allowed: allowed
            )
        }
        if choice == .skip {
            tastes.skip(id, of: call.principal)
        } else {
            try await keep(choice == .first, of: question, call)
        }
        return try .json(try await elicited(call))
    }

    private func keep(
        _ isFirst: Bool,
        of question: ElicitationQuestion,
        _ call: Call
    ) async throws(APIRefusal) {
        let signal = Signal(
            id: RandomID.new(),
            requestID: nil,
            kind: .choice,
            at: Date(),
            // A question is asked in no circumstances of its own: what it tells holds everywhere.
            context: nil,
            directives: [],
            features: [
                "chosen": question.features(ofFirst: isFirst),
                "rejected.0": question.features(ofFirst: !isFirst),
            ],
            question: question.id
        )
        try await keep(signal, call)
    }

    private func elicited(_ call: Call) async throws(APIRefusal) -> Elicited {
        let principal = call.principal
        let profile = try await fromStore { try await store.profile(of: principal) }
        let consented = profile.granted.contains(.signalsExplicit)
        let answered = try await answeredQuestions(of: principal, ifAny: consented)
        let settled = Set(
            profile.preferences
                .filter { $0.source == .explicit && $0.key.context == .everywhere }
                .map(\.key.dimension)
        )
        let candidate = tastes.elicitation.next(
            await tastes.belief(of: principal),
            asked: answered.union(tastes.skipped(by: principal)),
            settled: settled
        )
        return Elicited(
            question: candidate.map {
                Question(
                    id: $0.question.id,
                    dimensions: $0.question.differs,
                    prompt: $0.question.prompt,
                    first: $0.question.first,
                    second: $0.question.second,
                    gain: $0.gain
                )
            },
            answered: answered.count,
            consented: consented,
            learned: await tastes.preferences(of: principal).map { LearnedEntry($0) }
        )
    }

    private func answeredQuestions(
        of principal: Principal,
        ifAny consented: Bool
    ) async throws(APIRefusal) -> Set<String> {
        guard consented else { return [] }
        let kept = try await fromStore { try await store.signals(of: principal) }
        return Set(kept.compactMap(\.question))
    }
}
