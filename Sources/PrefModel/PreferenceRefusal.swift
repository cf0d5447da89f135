/// Why a preference was not accepted.
///
/// The texts are for the user who asked.
public enum PreferenceRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// Facts, safety, refusals and harm are the same for everyone.
    case universal(DimensionID, why: String)
    /// No such dimension; the nearest name, where one is near.
    case unknownDimension(DimensionID, nearest: String?)
    /// Not a value of this dimension.
    case badValue(DimensionID, allowed: [String])
    /// Values are only ever taken for a topic that the user named.
    case topicRequired(DimensionID)
    /// Free text that tries to be an instruction over the rules.
    case unsafeText(DimensionID, reason: String)

    /// The code in prefd's own error envelope.
    public var code: String {
        switch self {
        case .universal: "tier_universal"
        case .unknownDimension: "unknown_dimension"
        case .badValue, .topicRequired: "bad_value"
        case .unsafeText: "unsafe_preference"
        }
    }

    /// What was wrong, never repeating a value or a text that was sent.
    public var description: String {
        switch self {
        case .universal(_, let why): why
        case .unknownDimension: "There is no dimension of that name."
        case .badValue(let id, let allowed): "\(id) takes \(Self.list(allowed))."
        case .topicRequired(let id): "\(id) is only kept for a topic that you name."
        case .unsafeText(let id, let reason): "\(id) cannot hold this text: \(reason)"
        }
    }

    /// What to do about it.
    public var hint: String {
        switch self {
        case .universal:
            "Preferences change how an answer is presented: try verbosity, tone, format or expertise."
        case .unknownDimension(_, let nearest?): "Did you mean \(nearest)?"
        case .unknownDimension: "GET /prefd/v1/dimensions (or: prefctl get --all) lists them."
        case .badValue(_, let allowed) where allowed.count > 1:
            "Choose one of: \(allowed.joined(separator: ", "))."
        case .badValue: "Send such a value."
        case .topicRequired: "Add the topic: ?topic=politics (or: prefctl set … --topic politics)."
        case .unsafeText:
            "Describe how you like answers written; rules for everyone cannot be lifted here."
        }
    }

    private static func list(_ allowed: [String]) -> String {
        allowed.count == 1 ? allowed[0] : "one of " + allowed.joined(separator: ", ")
    }
}
