import PrefModel

/// How an exchange's answer went.
struct AnswerOutcome: Sendable, Equatable {
    /// The status that the client got.
    let status: Int
    /// The rules that fired, in order.
    var hits: [RuleHit] = []
    /// Why the answer was broken off after it had begun.
    var failure: Refusal?
}

/// Why an answer cannot be shown: it could not be read, so no rule has looked at it.
struct UncheckableAnswer: Error, Equatable {
    /// What about it, for the admin who runs the backend.
    ///
    /// Never a piece of it.
    let reason: String
}
