/// Why a text is not JSON, and where.
///
/// Source: RFC 8259.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found wrong, in words for the person who sent the text.
    public enum Reason: String, Sendable {
        case byteOrderMark = "a byte order mark is not allowed"
        case controlCharacter = "a control character inside a string must be escaped"
        case expectedColon = "expected ':' after the key"
        case expectedCommaOrBrace = "expected ',' or '}'"
        case expectedCommaOrBracket = "expected ',' or ']'"
        case expectedKey = "expected a key in double quotes"
        case expectedValue = "expected a value"
        case invalidEscape = "a backslash must be followed by one of \"\\/bfnrt or u"
        case invalidHexDigits = "\\u must be followed by four hexadecimal digits"
        case invalidNumber = "not a JSON number"
        case invalidUTF8 = "not valid UTF-8"
        case tooDeep = "arrays and objects are nested too deeply (512 at most)"
        case trailingBytes = "there is more after the end of the value"
        case unexpectedEnd = "the text ends too early"
    }

    /// Offset in bytes of the first byte that cannot stand.
    public let offset: Int
    /// What was found wrong.
    public let reason: Reason

    /// The reason and the offset; never anything of the text itself.
    public var description: String { "\(reason.rawValue), at byte \(offset)" }

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
