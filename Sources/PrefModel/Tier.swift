/// How far personalization may go for a dimension or a topic.
///
/// Source: "Large Language Models Should Learn Personalized Rather Than Aggregated Human
/// Preferences", arXiv 2606.07629. Ordered from the freest to the strictest.
public enum Tier: String, Codable, Sendable, CaseIterable, Comparable {
    /// Presentation: learned and injected.
    case personalizable
    /// Value-laden or sensitive: presentation only, values only where the user said so for the topic.
    case safeguarded
    /// Facts, safety and harm: never personalized, enforced on every output.
    case universal

    private var strictness: Int {
        switch self {
        case .personalizable: 0
        case .safeguarded: 1
        case .universal: 2
        }
    }

    /// Orders tiers by strictness, so that `max` of two is the safer one.
    public static func < (left: Tier, right: Tier) -> Bool { left.strictness < right.strictness }
}
