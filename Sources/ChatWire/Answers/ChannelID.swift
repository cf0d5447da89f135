/// One text that a model writes, piece by piece: which choice's, and which member of it.
///
/// Pieces of one channel, in the order they come, are one text to a reader, and to a rule.
public struct ChannelID: Hashable, Sendable {
    /// The choice's index; -1 for text outside of any choice.
    public var choice: Int
    /// Which of the choice's content blocks (Anthropic) or output items (Responses); 0 in dialects
    /// that have but one.
    public var item = 0
    /// Which part of the item, where a dialect has such (Responses).
    public var part = 0
    /// The member of the choice, item or part.
    public var path: ChannelPath

    /// Names a channel.
    public init(choice: Int, item: Int = 0, part: Int = 0, path: ChannelPath) {
        self.choice = choice
        self.item = item
        self.part = part
        self.path = path
    }

    /// The choice that stands for "outside of any".
    public static let noChoice = -1
}

/// Texts that end together: those of one item of a choice, of one part of it, or a single one.
public struct TextScope: Hashable, Sendable {
    /// The choice's index.
    public let choice: Int
    /// The item.
    public let item: Int
    /// The part of the item; nil for all of them.
    public let part: Int?
    /// The member; nil for all of them.
    public let path: ChannelPath?

    init(choice: Int = 0, item: Int, part: Int? = nil, path: ChannelPath? = nil) {
        self.choice = choice
        self.item = item
        self.part = part
        self.path = path
    }

    /// Whether a channel is one of these texts.
    public func contains(_ channel: ChannelID) -> Bool {
        channel.choice == choice && channel.item == item && (part ?? channel.part) == channel.part
            && (path ?? channel.path) == channel.path
    }
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
    /// `thinking`.
    case thinking
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
        case .thinking: "thinking"
        case .toolArguments(let index): "tool_calls[\(index)].function.arguments"
        case .toolName(let index): "tool_calls[\(index)].function.name"
        case .other(let path): path
        }
    }
}
