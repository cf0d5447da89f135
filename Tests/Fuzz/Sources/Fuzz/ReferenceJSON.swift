/// A JSON value as another reader sees it: written for nothing but to be compared with.
indirect enum ReferenceJSON: Equatable {
    /// A word or a number, as it is spelled.
    case plain([UInt8])
    /// The decoded text; lone surrogates are U+FFFD.
    case string([UInt8])
    case array([ReferenceJSON])
    case object([Member])

    struct Member: Equatable {
        let key: [UInt8]
        let value: ReferenceJSON
    }

    /// Reads a whole text; nil where it is not JSON (RFC 8259) or deeper than 512.
    init?(_ text: [UInt8]) {
        var reader = Reader(text: text)
        reader.skipSpace()
        guard let value = reader.value(depth: 0) else { return nil }
        reader.skipSpace()
        guard reader.position == text.count else { return nil }
        self = value
    }

    /// Every string value in it, in order; with `keys`, the members' names too.
    func strings(keys: Bool = false) -> [[UInt8]] {
        switch self {
        case .plain: []
        case .string(let text): [text]
        case .array(let elements): elements.flatMap { $0.strings(keys: keys) }
        case .object(let members):
            members.flatMap { (keys ? [$0.key] : []) + $0.value.strings(keys: keys) }
        }
    }
}

/// Recursive descent, a byte at a time.
private struct Reader {
    let text: [UInt8]
    var position = 0

    private var byte: UInt8? { position < text.count ? text[position] : nil }

    mutating func skipSpace() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ expected: Character) -> Bool {
        guard byte == expected.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func value(depth: Int) -> ReferenceJSON? {
        if take("\"") { return string().map { .string($0) } }
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
            guard depth < 512 else { return nil }
            return take("{") ? object(depth: depth + 1) : take("[") ? array(depth: depth + 1) : nil
        }
        for word in ["true", "false", "null"] where text[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return .plain(Array(word.utf8))
        }
        return number()
    }

    private mutating func array(depth: Int) -> ReferenceJSON? {
        var elements: [ReferenceJSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            skipSpace()
            guard let element = value(depth: depth) else { return nil }
            elements.append(element)
            skipSpace()
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func object(depth: Int) -> ReferenceJSON? {
        var members: [ReferenceJSON.Member] = []
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard take("\""), let key = string() else { return nil }
            skipSpace()
            guard take(":") else { return nil }
            skipSpace()
            guard let value = value(depth: depth) else { return nil }
            members.append(ReferenceJSON.Member(key: key, value: value))
            skipSpace()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func number() -> ReferenceJSON? {
        let start = position
        _ = take("-")
        if !take("0"), !digits() { return nil }
        if take("."), !digits() { return nil }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return nil }
        }
        return .plain(Array(text[start..<position]))
    }

    private mutating func digits() -> Bool {
        let start = position
        while let byte, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }

    /// Behind the opening quote.
    private mutating func string() -> [UInt8]? {
        var decoded: [UInt16] = []
        var run: [UInt8] = []
        var bytes: [UInt8] = []
        // Escaped units are joined among themselves only: an escape never completes raw bytes.
        func flushed(_ units: inout [UInt16]) -> [UInt8] {
            defer { units = [] }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        }
        while let next = byte {
            position += 1
            if next == UInt8(ascii: "\"") {
                guard String(validating: run, as: UTF8.self) != nil else { return nil }
                return bytes + flushed(&decoded) + run
            }
            if next < 0x20 { return nil }
            guard next == UInt8(ascii: "\\") else {
                bytes += flushed(&decoded)
                run.append(next)
                continue
            }
            guard String(validating: run, as: UTF8.self) != nil else { return nil }
            bytes += run
            run = []
            guard let escape = byte else { return nil }
            position += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
                decoded.append(UInt16(escape))
            case UInt8(ascii: "b"): decoded.append(8)
            case UInt8(ascii: "f"): decoded.append(12)
            case UInt8(ascii: "n"): decoded.append(10)
            case UInt8(ascii: "r"): decoded.append(13)
            case UInt8(ascii: "t"): decoded.append(9)
            case UInt8(ascii: "u"):
                guard position + 4 <= text.count else { return nil }
                let digits = text[position..<position + 4]
                guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                    let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                decoded.append(unit)
                position += 4
            default: return nil
            }
        }
        return nil
    }
}
