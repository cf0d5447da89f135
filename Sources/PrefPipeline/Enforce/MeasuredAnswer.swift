import PrefLearning

/// What is remembered of an answer whose user lets signals be kept.
struct MeasuredAnswer: Sendable {
    /// What it looks like.
    var counts: AnswerCounts
    /// The id by which a later request may carry it on, where the backend gave one.
    let responseID: String?
}
