public import PrefModel

/// What a chat request in preview mode (`X-Prefd-Mode: preview`) answers with, as far as it is the
/// same in every dialect; the rewritten request stands beside these fields.
public struct PromptPreview: Decodable, Sendable, Hashable {
    /// The request's id, good for explain.
    public let requestID: String
    /// The tier of the topic.
    public let tier: Tier
    /// The topics that were recognized, and why.
    public let topics: [TopicFinding]?
    /// How many directives would be in the prompt.
    public let applied: Int
    /// The backend that would serve it.
    public let backend: String?
    /// The block, or nil where nothing would be added.
    public let block: String?
    /// The directives in the block.
    public let injected: [Directive]
    /// The preferences that stay out, and why.
    public let withheld: [WithheldDirective]

    private enum CodingKeys: String, CodingKey {
        case tier, topics, applied, backend, block, injected, withheld
        case requestID = "request_id"
    }
}
