extension ControlClient {
    /// The question whose answer is expected to tell most.
    public func nextQuestion() async throws(ControlFailure) -> Elicited {
        try await call("GET", "/prefd/v1/elicit")
    }

    /// Answers a question, and gives the next.
    public func answer(_ answer: QuestionAnswer) async throws(ControlFailure) -> Elicited {
        try await call("POST", "/prefd/v1/elicit", sending: answer)
    }

    /// What leaving learned directives out now and then has shown.
    public func effects() async throws(ControlFailure) -> EffectList {
        try await call("GET", "/prefd/v1/effects")
    }
}

extension ControlClient {
    /// The latest figures of the users as a group.
    public func population() async throws(ControlFailure) -> Population {
        try await call("GET", "/prefd/v1/admin/population")
    }

    /// Releases new ones, at a cost that never comes back.
    public func releasePopulation() async throws(ControlFailure) -> Population {
        try await call("POST", "/prefd/v1/admin/population")
    }

    /// The latest figures of what experiments have shown over people.
    public func pooledEffects() async throws(ControlFailure) -> PooledEffects {
        try await call("GET", "/prefd/v1/admin/effects")
    }

    /// Releases new ones, at a cost that never comes back.
    public func releaseEffects() async throws(ControlFailure) -> PooledEffects {
        try await call("POST", "/prefd/v1/admin/effects")
    }
}
