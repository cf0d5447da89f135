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
    public internal(set) var surface: TextSurface
    /// Where the string lies, in the bytes that were read.
    public var string: JSONStringRange
    /// Whether the next event may continue the text; false where it ends with this event or answer.
    public let continues: Bool
    /// Whether the string spells out again what the stream's earlier events held piece by piece.
    public var repeats = false
    /// Whether the text is itself JSON, as a tool call's `arguments` are.
    public let holdsJSON: Bool

    /// Offsets between the quotes.
    public var content: Range<Int> { string.contents }
    /// Whether there is a backslash between the quotes.
    public var hasEscapes: Bool { string.hasEscapes }
}

extension TextField {
    /// Appends the field's text, decoded to UTF-8.
    public func decode(_ raw: Span<UInt8>, into bytes: inout [UInt8]) {
        JSONString.decode(raw, string, into: &bytes)
    }

    /// The change that replaces a range of the decoded text by another text.
    ///
    /// The raw range grows to whole escapes and characters. Where the text is itself JSON the
    /// replacement is escaped for that too, as inside a string of it; ``ArgumentsPosition`` knows
    /// what fits in other places, for ``splice(replacing:withVerbatim:in:_:)``.
    public func splice(
        replacing range: Range<Int>,
        with text: String,
        in raw: Span<UInt8>
    ) -> Splice {
        var map = JSONStringMap(string)
        let bytes = holdsJSON ? JSONString.encoded(text) : Array(text.utf8)
        return splice(replacing: range, withVerbatim: bytes, in: raw, &map)
    }

    /// The change that replaces a range of the decoded text by other well-formed UTF-8.
    ///
    /// The bytes are escaped once, for the string that holds the text. `map` is one of this field's
    /// string, which several changes in ascending order share.
    public func splice(
        replacing range: Range<Int>,
        withVerbatim utf8: [UInt8],
        in raw: Span<UInt8>,
        _ map: inout JSONStringMap
    ) -> Splice {
        var bytes: [UInt8] = []
        JSONString.encode(utf8.span, into: &bytes)
        return Splice(map.raw(range, in: raw), bytes)
    }
}
