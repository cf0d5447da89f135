extension ControlClient {
    /// The question whose answer is expected to tell most.
    public func nextQuestion() async throws(ControlFailure) -> Elicited {
        try await call("GET", "/prefd/v1/elicit")
    }

    /// Answers a question, and gives the next.
    public func answer(_ answer: QuestionAnswer) async throws(ControlFailure) -> Elicited {
        try await call("POST", "/prefd/v1/elicit", sending: answer)
    }
}
