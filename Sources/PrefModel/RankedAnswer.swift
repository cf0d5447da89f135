/// One of several answers, as far up as its user is expected to like it.
public struct RankedAnswer: Codable, Sendable, Hashable {
    /// Its place among the answers as the model gave them.
    public let index: Int
    /// Its mean utility for the user, in logits of a choice against an average answer.
    public let score: Double
    /// The probability that the user chooses it over the answer that the model gave first.
    public let overFirst: Double

    /// Makes an entry.
    public init(index: Int, score: Double, overFirst: Double) {
        self.index = index
        self.score = score
        self.overFirst = overFirst
    }

    private enum CodingKeys: String, CodingKey {
        case index, score
        case overFirst = "over_first"
    }
}
