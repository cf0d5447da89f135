/// A test case of a rule that did not come out as its pack says.
public struct CaseFailure: Sendable, Hashable, CustomStringConvertible {
    /// Which of a rule's lists a case is in.
    public enum Expectation: String, Sendable, Hashable {
        /// The rule must match.
        case match
        /// The rule must not match.
        case pass
    }

    /// The rule's id.
    public let ruleID: String
    /// Which list.
    public let expectation: Expectation
    /// The index in that list, from 0.
    public let index: Int
    /// Where the case was run.
    public let surface: TextSurface

    /// One line for people: `rule RULE: match[0] does not match in output`.
    public var description: String {
        let outcome =
            switch expectation {
            case .match: "does not match"
            case .pass: "matches and should not"
            }
        return "rule \(ruleID): \(expectation.rawValue)[\(index)] \(outcome) in \(surface.rawValue)"
    }
}
