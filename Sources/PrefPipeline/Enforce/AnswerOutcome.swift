import PrefModel

/// How an exchange's answer went.
struct AnswerOutcome: Sendable, Equatable {
    /// The status that the client got.
    let status: Int
    /// The rules that fired, in order.
    var hits: [RuleHit] = []
    /// The rules whose models gave no verdict.
    var unchecked: [UncheckedRule] = []
    /// Why the answer was broken off after it had begun.
    var failure: Refusal?
}
