import PrefModel

/// What one message is about by itself.
public struct TopicReading: Sendable {
    let findings: [TopicFinding]
    /// Whether it is as short as a follow-up, which stays on the topic before.
    let isShort: Bool
}
