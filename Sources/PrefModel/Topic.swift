/// A subject that requests are recognized to be about, and how far personalization may go on it.
public struct Topic: Hashable, Codable, Sendable {
    /// The name, such as `politics`: what a preference's context names too.
    public let name: String
    /// How far personalization may go.
    public let tier: Tier
    /// What belongs to it, for people.
    public let meaning: String

    /// Makes a topic.
    public init(name: String, tier: Tier, meaning: String) {
        self.name = name
        self.tier = tier
        self.meaning = meaning
    }
}

/// One topic that was recognized in a request, and why.
///
/// Never holds any of the text.
public struct TopicFinding: Hashable, Codable, Sendable {
    /// What spoke for the topic.
    public enum Reason: String, Hashable, Codable, Sendable, CaseIterable {
        /// A word or phrase that is about it by itself.
        case phrase
        /// Words that are about it together.
        case words
        /// Weights learned from examples.
        case learned
        /// The messages before: this one is a short follow-up.
        case earlier
    }

    /// The topic's name.
    public let topic: String
    /// The topic's tier.
    public let tier: Tier
    /// How much spoke for it; from 1 on it is sure.
    public let score: Double
    /// What spoke for it.
    public let reasons: [Reason]

    /// Whether it is sure enough for values that a user set for this topic.
    public var isSure: Bool { score >= 1 }

    /// Makes a finding.
    public init(topic: String, tier: Tier, score: Double, reasons: [Reason]) {
        self.topic = topic
        self.tier = tier
        self.score = score
        self.reasons = reasons
    }
}
