import PrefLearning

/// What is remembered of an answer whose user lets signals be kept.
struct MeasuredAnswer: Sendable {
    /// What it looks like.
    var counts: AnswerCounts
    /// What a later request that carries it on names it by, where the backend gave anything.
    let name: ConversationKey?
}
