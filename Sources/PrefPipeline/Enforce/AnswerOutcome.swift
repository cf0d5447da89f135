import PrefModel

/// How an exchange's answer went.
struct AnswerOutcome: Sendable, Equatable {
    /// The status that the client got.
    let status: Int
    /// The rules that fired, in order.
    var hits: [RuleHit] = []
    /// The rules whose models gave no verdict.
    var unchecked: [UncheckedRule] = []
    /// When its first byte left; nil where none did.
    var times: AnswerTimes?
    /// The most bytes of a stream that waited at once for a verdict; nil for an answer in one piece.
    var heldBytes: Int?
    /// Why the answer was broken off after it had begun.
    var failure: Refusal?
}
