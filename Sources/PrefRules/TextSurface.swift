/// Which of an answer's texts a rule looks at.
public enum TextSurface: String, Sendable, Hashable, Codable, CaseIterable {
    /// What the user reads.
    case output
    /// Reasoning or thinking text.
    case reasoning
    /// The arguments of one tool call: JSON text, seen with one level of JSON escapes undone.
    case toolArguments = "tool_args"
}
