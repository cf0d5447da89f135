/// What happens to an answer in which a rule matched.
///
/// From the strictest to the mildest: `block`, `redact`, `replace`, `append`, `flag`. Where matches
/// of several rules overlap, the strictest action is carried out.
public enum RuleAction: Sendable, Hashable {
    /// The answer ends before the match, as if a content filter had stopped it.
    case block
    /// The match is taken out and this text put in its place.
    case redact(String)
    /// The match is exchanged for this text, as a correction rather than a removal.
    case replace(String)
    /// The match stays; this text is added once at the end of the answer.
    case append(String)
    /// The match stays; the hit is only recorded.
    case flag

    /// What `redact` without a text of its own puts in place of a match.
    public static let defaultRedaction = "[redacted]"

    /// The action's name in rule packs, in records and in the journal.
    public var name: String {
        switch self {
        case .block: "block"
        case .redact: "redact"
        case .replace: "replace"
        case .append: "append"
        case .flag: "flag"
        }
    }

    /// Whether the matched bytes must not be shown as they are.
    ///
    /// Text is held back only for rules whose action changes it.
    public var changesMatch: Bool {
        switch self {
        case .block, .redact, .replace: true
        case .append, .flag: false
        }
    }

    /// Whether this action wins over `other` on the same bytes.
    public func isStricter(than other: RuleAction) -> Bool { rank < other.rank }

    private var rank: Int {
        switch self {
        case .block: 0
        case .redact: 1
        case .replace: 2
        case .append: 3
        case .flag: 4
        }
    }
}
