/// Reading JSON by offsets, without building a tree of it.
public enum JSON {
    /// How deeply arrays and objects may be nested.
    public static let depthLimit = 512

    /// Checks that a text is exactly one JSON value, in one pass and without allocating.
    ///
    /// Everything else that takes offsets expects a text that passed. Lone surrogates are let
    /// through where they are escaped (`\ud800`), as the grammar does.
    ///
    /// - Throws: ``JSONError`` with the offset of the first byte that cannot stand.
    ///
    /// Source: RFC 8259; UTF-8 as RFC 3629 has it; a byte order mark is refused (section 8.1).
    public static func validate(_ text: Span<UInt8>) throws(JSONError) {
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        var validator = JSONValidator()
        try validator.run(text)
    }

    /// The offset of the first byte from `offset` that is not white space.
    @inline(__always)
    static func skipSpace(_ text: Span<UInt8>, _ offset: Int) -> Int {
        var offset = offset
        while offset < text.count, isSpace(text[offset]) { offset &+= 1 }
        return offset
    }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}

/// One pass over a text.
///
/// Nesting is one bit a level, so depth costs neither stack nor heap.
private struct JSONValidator {
    private enum Expected { case value, key, afterValue }

    private var offset = 0
    private var depth = 0
    /// Bit set: the level is an object.
    private var levels = InlineArray<8, UInt64>(repeating: 0)

    private var inObject: Bool { levels[(depth - 1) >> 6] & (1 << UInt64((depth - 1) & 63)) != 0 }

    mutating func run(_ text: Span<UInt8>) throws(JSONError) {
        var expected = Expected.value
        while true {
            offset = JSON.skipSpace(text, offset)
            switch expected {
            case .value: expected = try value(text)
            case .key:
                try key(text)
                expected = .value
            case .afterValue:
                if depth == 0 {
                    guard offset == text.count else { throw JSONError(.trailingBytes, at: offset) }
                    return
                }
                expected = try afterValue(text)
            }
        }
    }

    private mutating func value(_ text: Span<UInt8>) throws(JSONError) -> Expected {
        guard offset < text.count else { throw JSONError(.unexpectedEnd, at: offset) }
        switch text[offset] {
        case UInt8(ascii: "{"):
            return try open(text, object: true)
        case UInt8(ascii: "["):
            return try open(text, object: false)
        case UInt8(ascii: "\""):
            try string(text)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(text)
        case UInt8(ascii: "t"):
            try word("true", text)
        case UInt8(ascii: "f"):
            try word("false", text)
        case UInt8(ascii: "n"):
            try word("null", text)
        default:
            throw JSONError(.expectedValue, at: offset)
        }
        return .afterValue
    }

    private mutating func open(_ text: Span<UInt8>, object: Bool) throws(JSONError) -> Expected {
        guard depth < JSON.depthLimit else { throw JSONError(.tooDeep, at: offset) }
        let bit: UInt64 = 1 << UInt64(depth & 63)
        levels[depth >> 6] = object ? levels[depth >> 6] | bit : levels[depth >> 6] & ~bit
        depth += 1
        offset = JSON.skipSpace(text, offset + 1)
        guard offset < text.count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard text[offset] == (object ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
            return object ? .key : .value
        }
        offset += 1
        depth -= 1
        return .afterValue
    }

    private mutating func key(_ text: Span<UInt8>) throws(JSONError) {
        guard offset < text.count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard text[offset] == UInt8(ascii: "\"") else { throw JSONError(.expectedKey, at: offset) }
        try string(text)
        offset = JSON.skipSpace(text, offset)
        guard offset < text.count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard text[offset] == UInt8(ascii: ":") else {
            throw JSONError(.expectedColon, at: offset)
        }
        offset += 1
    }

    private mutating func afterValue(_ text: Span<UInt8>) throws(JSONError) -> Expected {
        guard offset < text.count else { throw JSONError(.unexpectedEnd, at: offset) }
        let object = inObject
        switch text[offset] {
        case UInt8(ascii: ","):
            offset += 1
            return object ? .key : .value
        case UInt8(ascii: "}") where object, UInt8(ascii: "]") where !object:
            offset += 1
            depth -= 1
            return .afterValue
        default:
            throw JSONError(object ? .expectedCommaOrBrace : .expectedCommaOrBracket, at: offset)
        }
    }

    private mutating func word(_ word: StaticString, _ text: Span<UInt8>) throws(JSONError) {
        let end = offset + word.utf8CodeUnitCount
        guard end <= text.count, text.equals(offset..<end, word) else {
            throw JSONError(.expectedValue, at: offset)
        }
        offset = end
    }

    private mutating func number(_ text: Span<UInt8>) throws(JSONError) {
        if text[offset] == UInt8(ascii: "-") { offset += 1 }
        if offset < text.count, text[offset] == UInt8(ascii: "0") {
            offset += 1
            if offset < text.count, isDigit(text[offset]) {
                throw JSONError(.invalidNumber, at: offset)
            }
        } else {
            try digits(text)
        }
        if offset < text.count, text[offset] == UInt8(ascii: ".") {
            offset += 1
            try digits(text)
        }
        guard offset < text.count, text[offset] | 0x20 == UInt8(ascii: "e") else { return }
        offset += 1
        if offset < text.count,
            text[offset] == UInt8(ascii: "+") || text[offset] == UInt8(ascii: "-")
        {
            offset += 1
        }
        try digits(text)
    }

    private mutating func digits(_ text: Span<UInt8>) throws(JSONError) {
        let start = offset
        while offset < text.count, isDigit(text[offset]) { offset &+= 1 }
        guard offset > start else {
            throw JSONError(offset < text.count ? .invalidNumber : .unexpectedEnd, at: offset)
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// From the opening quote to past the closing one.
    private mutating func string(_ text: Span<UInt8>) throws(JSONError) {
        offset += 1
        while true {
            offset = ByteScan.plainRunEnd(text, from: offset)
            guard offset < text.count else { throw JSONError(.unexpectedEnd, at: offset) }
            let byte = text[offset]
            if byte == UInt8(ascii: "\"") {
                offset += 1
                return
            } else if byte == UInt8(ascii: "\\") {
                try escape(text)
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, at: offset)
            } else {
                // Text beyond ASCII comes in runs.
                repeat {
                    let length = UTF8Sequence.length(text, at: offset)
                    guard length > 0 else { throw JSONError(.invalidUTF8, at: offset) }
                    offset &+= length
                } while offset < text.count && text[offset] >= 0x80
            }
        }
    }

    private mutating func escape(_ text: Span<UInt8>) throws(JSONError) {
        guard offset + 1 < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
        switch text[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 2
        case UInt8(ascii: "u"):
            guard offset + 6 <= text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
            guard JSONString.hexUnit(text, at: offset + 2) != nil else {
                throw JSONError(.invalidHexDigits, at: offset)
            }
            offset += 6
        default:
            throw JSONError(.invalidEscape, at: offset)
        }
    }
}
