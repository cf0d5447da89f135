/// What a JSON value is.
public enum JSONKind: Sendable {
    case object, array, string, number, bool, null
}

extension JSON {
    /// The kind of the value at `offset` of a validated text, or nil where none begins.
    public static func kind(_ text: Span<UInt8>, at offset: Int) -> JSONKind? {
        guard offset < text.count else { return nil }
        return switch text[offset] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: nil
        }
    }

    /// The offset of the whole text's value: past leading white space.
    public static func root(_ text: Span<UInt8>) -> Int { skipSpace(text, 0) }

    /// The offset past the value that begins at `offset` of a validated text.
    public static func end(_ text: Span<UInt8>, ofValueAt offset: Int) -> Int {
        guard offset < text.count else { return text.count }
        switch text[offset] {
        case UInt8(ascii: "\""):
            return JSONString.scan(text, at: offset).contents.upperBound + 1
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return endOfContainer(text, offset)
        default:
            var end = offset
            while end < text.count, !isDelimiter(text[end]) { end &+= 1 }
            return end
        }
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            || isSpace(byte)
    }

    private static func endOfContainer(_ text: Span<UInt8>, _ start: Int) -> Int {
        var offset = start
        var depth = 0
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "\""):
                offset = JSONString.scan(text, at: offset).contents.upperBound
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                if depth == 0 { return offset &+ 1 }
            default: break
            }
            offset &+= 1
        }
        return text.count
    }
}

/// A string in a JSON text: where its contents lie, and whether they need decoding.
public struct JSONStringRange: Hashable, Sendable {
    /// Offsets between the quotes.
    public let contents: Range<Int>
    /// Whether there is a backslash inside.
    public let hasEscapes: Bool

    /// Names a string by its contents.
    public init(contents: Range<Int>, hasEscapes: Bool) {
        self.contents = contents
        self.hasEscapes = hasEscapes
    }
}

/// One member of an object.
public struct JSONMember: Hashable, Sendable {
    /// The key.
    public let key: JSONStringRange
    /// Offset of the value's first byte.
    public let value: Int

    /// Whether the key, unescaped, is `name`.
    @inline(__always)
    public func isNamed(_ name: StaticString, _ text: Span<UInt8>) -> Bool {
        JSONString.equals(text, key, name)
    }
}

/// Goes through the members of an object in a validated text, in the order they stand.
///
/// A value that nobody walked is skipped by the next call; one that was walked need not be read
/// again: say where it ended with ``resume(after:)``. So a walk reads each byte once.
public struct JSONMembers: Sendable {
    private var position: Int
    private var openValue: Int?
    private var isFirst = true
    /// Whether there has been none yet.
    private(set) var isEmpty = true

    /// Starts at the object whose `{` is at `offset`.
    public init(objectAt offset: Int) { position = offset + 1 }

    /// The next member, or nil at the end.
    public mutating func next(in text: Span<UInt8>) -> JSONMember? {
        if let openValue { resume(after: JSON.end(text, ofValueAt: openValue)) }
        position = JSON.skipSpace(text, position)
        if !isFirst, position < text.count, text[position] == UInt8(ascii: ",") {
            position = JSON.skipSpace(text, position + 1)
        }
        isFirst = false
        guard position < text.count, text[position] == UInt8(ascii: "\"") else { return nil }
        isEmpty = false
        let key = JSONString.scan(text, at: position)
        // Past the closing quote and the colon.
        position = JSON.skipSpace(text, key.contents.upperBound + 1)
        position = JSON.skipSpace(text, position + 1)
        openValue = position
        return JSONMember(key: key, value: position)
    }

    /// Goes on behind a value that the caller has read up to `end`.
    public mutating func resume(after end: Int) {
        position = end
        openValue = nil
    }

    /// The offset past the object's `}`; meaningful once ``next(in:)`` returned nil.
    public var end: Int { position + 1 }
}

/// Goes through the elements of an array in a validated text.
public struct JSONElements: Sendable {
    private var position: Int
    private var openValue: Int?
    private var isFirst = true

    /// Starts at the array whose `[` is at `offset`.
    public init(arrayAt offset: Int) { position = offset + 1 }

    /// The offset of the next element, or nil at the end.
    public mutating func next(in text: Span<UInt8>) -> Int? {
        if let openValue { resume(after: JSON.end(text, ofValueAt: openValue)) }
        position = JSON.skipSpace(text, position)
        if !isFirst, position < text.count, text[position] == UInt8(ascii: ",") {
            position = JSON.skipSpace(text, position + 1)
        }
        isFirst = false
        guard position < text.count, text[position] != UInt8(ascii: "]") else { return nil }
        openValue = position
        return position
    }

    /// Goes on behind an element that the caller has read up to `end`.
    public mutating func resume(after end: Int) {
        position = end
        openValue = nil
    }

    /// The offset past the array's `]`; meaningful once ``next(in:)`` returned nil.
    public var end: Int { position + 1 }
}
