/// The contents of JSON strings: decoding, comparing and writing them.
public enum JSONString {
    /// The string whose opening quote is at `offset` of a validated text.
    public static func scan(_ text: Span<UInt8>, at offset: Int) -> JSONStringRange {
        let start = min(offset + 1, text.count)
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        var end = ByteScan.first(quote, or: backslash, in: text, start..<text.count)
        guard end < text.count, text[end] == backslash else {
            return JSONStringRange(contents: start..<end, hasEscapes: false)
        }
        while end < text.count, text[end] == backslash {
            let after = min(end + 2, text.count)
            end = ByteScan.first(quote, or: backslash, in: text, after..<text.count)
        }
        return JSONStringRange(contents: start..<end, hasEscapes: true)
    }

    /// Appends the decoded contents to `bytes`, as UTF-8.
    ///
    /// An escaped surrogate without its partner becomes U+FFFD; ``JSONStringMap`` finds it again.
    public static func decode(
        _ text: Span<UInt8>,
        _ string: JSONStringRange,
        into bytes: inout [UInt8]
    ) {
        guard string.hasEscapes else { return bytes.append(text, string.contents) }
        var offset = string.contents.lowerBound
        let end = string.contents.upperBound
        while offset < end {
            let escape = ByteScan.first(UInt8(ascii: "\\"), in: text, offset..<end)
            bytes.append(text, offset..<escape)
            guard escape < end else { return }
            let unit = escapedUnit(text, at: escape, end: end)
            UTF8Sequence.append(unit.scalar, to: &bytes)
            offset = escape + unit.length
        }
    }

    /// The decoded contents as a `String`.
    public static func decoded(_ text: Span<UInt8>, _ string: JSONStringRange) -> String {
        var bytes: [UInt8] = []
        decode(text, string, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the decoded contents are exactly `name`.
    @inline(__always)
    static func equals(
        _ text: Span<UInt8>,
        _ string: JSONStringRange,
        _ name: StaticString
    ) -> Bool {
        string.hasEscapes
            ? equalsDecoding(text, string, name) : text.equals(string.contents, name)
    }

    @inline(never)
    private static func equalsDecoding(
        _ text: Span<UInt8>,
        _ string: JSONStringRange,
        _ name: StaticString
    ) -> Bool {
        // Six bytes are the longest spelling of a byte: anything longer cannot be equal.
        guard string.contents.count <= name.utf8CodeUnitCount * 6 else { return false }
        var bytes: [UInt8] = []
        decode(text, string, into: &bytes)
        return bytes.span.equals(0..<bytes.count, name)
    }

    /// Whether two strings decode to the same text.
    static func areEqual(
        _ text: Span<UInt8>,
        _ one: JSONStringRange,
        _ other: JSONStringRange
    ) -> Bool {
        if one.hasEscapes || other.hasEscapes {
            var left: [UInt8] = []
            var right: [UInt8] = []
            decode(text, one, into: &left)
            decode(text, other, into: &right)
            return left == right
        }
        guard one.contents.count == other.contents.count else { return false }
        let distance = other.contents.lowerBound - one.contents.lowerBound
        for offset in one.contents where text[offset] != text[offset + distance] { return false }
        return true
    }

    /// Appends text as the contents of a JSON string.
    ///
    /// Quotes, backslashes and control characters are escaped, everything else stands as it is.
    /// `utf8` must be well-formed.
    public static func encode(_ utf8: Span<UInt8>, into bytes: inout [UInt8]) {
        var offset = 0
        while offset < utf8.count {
            var run = ByteScan.plainRunEnd(utf8, from: offset)
            while run < utf8.count, utf8[run] >= 0x80 {
                run = ByteScan.plainRunEnd(utf8, from: run + 1)
            }
            bytes.append(utf8, offset..<run)
            guard run < utf8.count else { return }
            escape(utf8[run], into: &bytes)
            offset = run + 1
        }
    }

    /// Text as the contents of a JSON string, without the quotes.
    public static func encoded(_ text: String) -> [UInt8] {
        let utf8 = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 16)
        encode(utf8.span, into: &bytes)
        return bytes
    }

    /// Text as a JSON string, with its quotes.
    static func quoted(_ text: String) -> [UInt8] {
        [UInt8(ascii: "\"")] + encoded(text) + [UInt8(ascii: "\"")]
    }

    private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append("\\\"")
        case UInt8(ascii: "\\"): bytes.append("\\\\")
        case 0x08: bytes.append("\\b")
        case 0x09: bytes.append("\\t")
        case 0x0A: bytes.append("\\n")
        case 0x0C: bytes.append("\\f")
        case 0x0D: bytes.append("\\r")
        default:
            bytes.append("\\u00")
            bytes.append(hexDigit(byte >> 4))
            bytes.append(hexDigit(byte & 0x0F))
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    /// The scalar of the escape at `offset`, and how many bytes of the text it takes.
    static func escapedUnit(
        _ text: Span<UInt8>,
        at offset: Int,
        end: Int
    ) -> (scalar: UInt32, length: Int) {
        guard offset + 1 < end else { return (0xFFFD, 1) }
        switch text[offset + 1] {
        case UInt8(ascii: "b"): return (0x08, 2)
        case UInt8(ascii: "f"): return (0x0C, 2)
        case UInt8(ascii: "n"): return (0x0A, 2)
        case UInt8(ascii: "r"): return (0x0D, 2)
        case UInt8(ascii: "t"): return (0x09, 2)
        case UInt8(ascii: "u"): break
        case let byte: return (UInt32(byte), 2)
        }
        guard offset + 6 <= end, let unit = hexUnit(text, at: offset + 2) else {
            return (0xFFFD, min(6, end - offset))
        }
        guard unit & 0xF800 == 0xD800 else { return (unit, 6) }
        // A pair is a high surrogate and a low one right after it; anything else is alone.
        guard unit < 0xDC00, offset + 12 <= end, text[offset + 6] == UInt8(ascii: "\\"),
            text[offset + 7] == UInt8(ascii: "u"), let low = hexUnit(text, at: offset + 8),
            low & 0xFC00 == 0xDC00
        else { return (0xFFFD, 6) }
        return (0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF), 12)
    }

    /// The value of the four hexadecimal digits at `offset`, or nil where they are not four.
    static func hexUnit(_ text: Span<UInt8>, at offset: Int) -> UInt32? {
        guard offset + 4 <= text.count else { return nil }
        var unit: UInt32 = 0
        for index in offset..<offset + 4 {
            guard let digit = hexValue(text[index]) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
