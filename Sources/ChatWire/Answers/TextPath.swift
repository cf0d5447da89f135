/// The path to a value during a walk, as bytes that are used again for every path.
struct TextPath {
    /// Longer keys are cut, and deeper paths stop growing, so that what a path costs is bounded.
    private static let longestKey = 64
    private static let longestPath = 256

    private(set) var bytes: [UInt8] = []
    /// Where the last key begins; at the end where the path ends with none.
    private var lastKey = 0

    var count: Int { bytes.count }

    mutating func cut(to count: Int) {
        if bytes.count > count { bytes.removeSubrange(count...) }
        lastKey = min(lastKey, bytes.count)
    }

    mutating func append(key: JSONStringRange, _ text: Span<UInt8>) {
        guard bytes.count < Self.longestPath else {
            // What stands too deep is judged by no key of those above it.
            lastKey = bytes.count
            return
        }
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ".")) }
        lastKey = bytes.count
        guard key.hasEscapes || key.contents.count > Self.longestKey else {
            for offset in key.contents { append(escaped: text[offset]) }
            return
        }
        var decoded: [UInt8] = []
        let end = min(key.contents.upperBound, key.contents.lowerBound + 6 * Self.longestKey)
        let start = JSONStringRange(
            contents: key.contents.lowerBound..<end,
            hasEscapes: key.hasEscapes
        )
        JSONString.decode(text, start, into: &decoded)
        for byte in decoded.prefix(Self.longestKey) { append(escaped: byte) }
    }

    /// Appends the position of an element; nil where all elements are one text.
    mutating func append(position: Int?) {
        guard bytes.count < Self.longestPath else { return }
        bytes.append(UInt8(ascii: "["))
        if let position { bytes.append(contentsOf: String(position).utf8) }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Marks the second, third, … member of one name.
    mutating func append(occurrence: Int) {
        bytes.append(UInt8(ascii: "#"))
        bytes.append(contentsOf: String(occurrence).utf8)
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "#"),
            UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
        default: break
        }
        bytes.append(byte)
    }

    private func equals(_ path: StaticString) -> Bool {
        bytes.span.equals(0..<bytes.count, path)
    }

    private func ends(with suffix: StaticString) -> Bool {
        let start = bytes.count - suffix.utf8CodeUnitCount
        return start >= 0 && bytes.span.equals(start..<bytes.count, suffix)
    }

    private func starts(with prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        return count <= bytes.count && bytes.span.equals(0..<count, prefix)
    }

    private func contains(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard count <= bytes.count else { return false }
        let span = bytes.span
        for start in 0...bytes.count - count where span.equals(start..<start + count, word) {
            return true
        }
        return false
    }

    /// Whether an array's elements are pieces of one text: `content` as an array of parts.
    var holdsParts: Bool { ends(with: "content") }

    /// The path as a channel names it.
    var channelPath: ChannelPath {
        if equals("content") { return .content }
        if equals("reasoning_content") { return .reasoningContent }
        if equals("reasoning") { return .reasoning }
        if equals("refusal") { return .refusal }
        if equals("thinking") { return .thinking }
        if starts(with: "tool_calls["), let index = toolIndex {
            if ends(with: "].function.arguments") { return .toolArguments(index) }
            if ends(with: "].function.name") { return .toolName(index) }
        }
        return .other(String(decoding: bytes, as: UTF8.self))
    }

    /// The number in `tool_calls[NUMBER].function.…`, where the path is just that.
    private var toolIndex: Int? {
        var value = 0
        var offset = 11
        while offset < bytes.count, bytes[offset] &- 0x30 < 10, value < 1 << 40 {
            value = value * 10 + Int(bytes[offset] - 0x30)
            offset += 1
        }
        let rest = bytes.count - offset
        guard offset > 11, rest == 20 || rest == 15 else { return nil }
        return value
    }

    /// What kind of text stands in a channel of this path, and whether it is JSON in itself.
    func surface(of channel: ChannelPath) -> (TextSurface, holdsJSON: Bool) {
        switch channel {
        case .content, .refusal, .toolName: return (.output, false)
        case .reasoning, .reasoningContent, .thinking: return (.reasoning, false)
        case .toolArguments: return (.toolArguments, true)
        case .other: break
        }
        let isTool = contains("tool") || contains("function") || contains("custom")
        if isTool {
            if ends(with: "arguments") { return (.toolArguments, true) }
            if ends(with: "input") || contains("arguments.") || contains("input.") {
                return (.toolArguments, false)
            }
        }
        if contains("reasoning") || contains("think") || contains("thought") {
            return (.reasoning, false)
        }
        return (.output, false)
    }

    /// Whether this is inside of a tool call's arguments: what the keys there mean is the tool's.
    var isInArguments: Bool {
        (contains("arguments.") || contains("input."))
            && (contains("tool") || contains("function") || contains("custom"))
    }

    /// Whether a string here is a name or a seal rather than text, judged by its key and its shape.
    ///
    /// The keys are `role`, `type`, `id`, `tool_call_id`, `index`, `format`, `channel`, `status`,
    /// which hold short identifiers, and `signature`, `encrypted_content` and `data`, which hold
    /// base64. A string of another shape is text whatever its key.
    func isOpaque(_ text: Span<UInt8>, _ string: JSONStringRange) -> Bool {
        let span = bytes.span
        let key = lastKey..<bytes.count
        guard lastKey < bytes.count, !string.hasEscapes else { return false }
        switch bytes[lastKey] {
        case UInt8(ascii: "r"):
            guard span.equals(key, "role") else { return false }
        case UInt8(ascii: "t"):
            guard span.equals(key, "type") || span.equals(key, "tool_call_id") else {
                return false
            }
        case UInt8(ascii: "i"):
            guard span.equals(key, "id") || span.equals(key, "index") else { return false }
        case UInt8(ascii: "f"):
            guard span.equals(key, "format") else { return false }
        case UInt8(ascii: "c"):
            guard span.equals(key, "channel") else { return false }
        case UInt8(ascii: "s"):
            if span.equals(key, "signature") { return TextPath.isBase64(text, string) }
            guard span.equals(key, "status") else { return false }
        case UInt8(ascii: "e"):
            return span.equals(key, "encrypted_content") && TextPath.isBase64(text, string)
        case UInt8(ascii: "d"):
            return span.equals(key, "data") && TextPath.isBase64(text, string)
        default: return false
        }
        return TextPath.isIdentifier(text, string)
    }

    /// At most 128 bytes of letters, digits and `_-.:/+=@`.
    static func isIdentifier(_ text: Span<UInt8>, _ string: JSONStringRange) -> Bool {
        guard string.contents.count <= 128, !string.hasEscapes else { return false }
        for offset in string.contents {
            switch text[offset] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "+"),
                UInt8(ascii: "="), UInt8(ascii: "@"):
                continue
            default: return false
            }
        }
        return true
    }

    /// Letters, digits and `+/=-_`, of any length.
    static func isBase64(_ text: Span<UInt8>, _ string: JSONStringRange) -> Bool {
        for offset in string.contents {
            switch text[offset] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "/")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "="),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                continue
            default: return false
            }
        }
        return true
    }
}
