/// One text that a model writes, piece by piece: which choice's, and which member of it.
///
/// Pieces of one channel, in the order they come, are one text to a reader, and to a rule.
public struct ChannelID: Hashable, Sendable {
    /// The choice's index; -1 for text outside of any choice.
    public var choice: Int
    /// The member of the choice.
    public var path: ChannelPath

    /// Names a channel.
    public init(choice: Int, path: ChannelPath) {
        self.choice = choice
        self.path = path
    }

    /// The choice that stands for "outside of any".
    public static let noChoice = -1
}

/// The member of a choice that a text stands in.
///
/// The common ones need no allocation.
public enum ChannelPath: Hashable, Sendable, CustomStringConvertible {
    /// `content`.
    case content
    /// `refusal`.
    case refusal
    /// `reasoning_content`.
    case reasoningContent
    /// `reasoning`.
    case reasoning
    /// `tool_calls[INDEX].function.arguments`.
    case toolArguments(Int)
    /// `tool_calls[INDEX].function.name`.
    case toolName(Int)
    /// Any other, spelled as a path. Dots, brackets, `#` and backslashes in keys have a backslash
    /// before them; `#2` marks the second member of the same name in one object; an array whose
    /// elements are one text is spelled `[]`. Very long paths are cut.
    case other(String)

    /// The path as it is spelled.
    public var description: String {
        switch self {
        case .content: "content"
        case .refusal: "refusal"
        case .reasoningContent: "reasoning_content"
        case .reasoning: "reasoning"
        case .toolArguments(let index): "tool_calls[\(index)].function.arguments"
        case .toolName(let index): "tool_calls[\(index)].function.name"
        case .other(let path): path
        }
    }
}

/// What kind of text a rule's `where` speaks of.
public enum TextSurface: Hashable, Sendable {
    /// What the user is shown.
    case output
    /// What the model thought before.
    case reasoning
    /// What the model passes to a tool.
    case toolArguments
}

/// One string in an answer that holds text of a model's.
public struct TextField: Hashable, Sendable {
    /// The text that this string is a piece of.
    public var channel: ChannelID
    /// What kind of text it is.
    public let surface: TextSurface
    /// Where the string lies, in the bytes that were read.
    public var string: JSONStringRange
    /// Whether the next event may continue the text; false where it ends with this event or answer.
    public let continues: Bool
    /// Whether the text is itself JSON, as a tool call's `arguments` are.
    public let holdsJSON: Bool

    /// Offsets between the quotes.
    public var content: Range<Int> { string.contents }
    /// Whether there is a backslash between the quotes.
    public var hasEscapes: Bool { string.hasEscapes }
}
