/// The texts of a response that are streamed in pieces, and how events and items spell them.
///
/// Source: OpenAI API reference, Responses, Streaming events.
enum ResponsesText: CaseIterable, Hashable, Sendable {
    case outputText, refusal, reasoningText, reasoningSummary
    case functionArguments, mcpArguments, customToolInput, code

    /// What its events' types hold between `response.` and `.delta` or `.done`.
    var stem: StaticString {
        switch self {
        case .outputText: "output_text"
        case .refusal: "refusal"
        case .reasoningText: "reasoning_text"
        case .reasoningSummary: "reasoning_summary_text"
        case .functionArguments: "function_call_arguments"
        case .mcpArguments: "mcp_call_arguments"
        case .customToolInput: "custom_tool_call_input"
        case .code: "code_interpreter_call_code"
        }
    }

    /// The member that holds all of it: in its `.done` event, and in its part or item.
    var member: StaticString {
        switch self {
        case .outputText, .reasoningText, .reasoningSummary: "text"
        case .refusal: "refusal"
        case .functionArguments, .mcpArguments: "arguments"
        case .customToolInput: "input"
        case .code: "code"
        }
    }

    /// The array of its item that holds it in a part; nil where it stands in the item itself.
    var array: StaticString? {
        switch self {
        case .outputText, .refusal, .reasoningText: "content"
        case .reasoningSummary: "summary"
        case .functionArguments, .mcpArguments, .customToolInput, .code: nil
        }
    }

    /// The member of its events that says which part it is; nil where it stands in the item itself.
    var indexMember: StaticString? {
        switch array {
        case nil: nil
        default: self == .reasoningSummary ? "summary_index" : "content_index"
        }
    }

    /// The type of the part that holds it, or of the item where it stands in that itself.
    var holderType: StaticString {
        switch self {
        case .outputText: "output_text"
        case .refusal: "refusal"
        case .reasoningText: "reasoning_text"
        case .reasoningSummary: "summary_text"
        case .functionArguments: "function_call"
        case .mcpArguments: "mcp_call"
        case .customToolInput: "custom_tool_call"
        case .code: "code_interpreter_call"
        }
    }

    /// Its channel's path, the same for the pieces and for what repeats them.
    var path: ChannelPath {
        switch self {
        case .outputText: .other("output_text")
        case .refusal: .refusal
        case .reasoningText: .other("reasoning_text")
        case .reasoningSummary: .other("reasoning_summary_text")
        case .functionArguments: .other("function_call_arguments")
        case .mcpArguments: .other("mcp_call_arguments")
        case .customToolInput: .other("custom_tool_call_input")
        case .code: .other("code_interpreter_call_code")
        }
    }

    /// What kind of text it is.
    var surface: TextSurface {
        switch self {
        case .outputText, .refusal: .output
        case .reasoningText, .reasoningSummary: .reasoning
        case .functionArguments, .mcpArguments, .customToolInput, .code: .toolArguments
        }
    }

    /// Whether it is JSON in itself.
    var holdsJSON: Bool { self == .functionArguments || self == .mcpArguments }

    /// Made once: this is asked for every event.
    private static let all = allCases

    /// The text whose events are named by `stem`, or nil for one that nobody knew.
    static func of(stem: Range<Int>, in text: Span<UInt8>) -> ResponsesText? {
        // Before it was renamed.
        if text.equals(stem, "mcp_call.arguments") { return .mcpArguments }
        return all.first { text.equals(stem, $0.stem) }
    }

    /// The text that stands in parts of a type, given as a JSON string; nil for one that nobody knew.
    static func of(partType type: [UInt8]) -> ResponsesText? {
        all.first { $0.array != nil && type == JSONString.quoted("\($0.holderType)") }
    }

    /// The text that a member of a part or an item of some type holds.
    static func of(
        _ member: JSONMember,
        inHolderOf type: JSONStringRange?,
        _ text: Span<UInt8>
    ) -> ResponsesText? {
        guard let type else { return nil }
        return all.first {
            JSONString.equals(text, type, $0.holderType) && member.isNamed($0.member, text)
        }
    }
}
