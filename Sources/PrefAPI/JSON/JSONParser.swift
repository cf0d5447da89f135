/// Reads one JSON text, in time linear in its length.
///
/// Source: RFC 8259. Stricter than it asks for in two places: no duplicate keys, and at most
/// ``deepest`` levels.
struct JSONParser {
    /// How deep values may nest; the API's own messages need four levels.
    static let deepest = 32

    private let text: [UInt8]
    private var position = 0
    private var depth = 0

    private init(text: [UInt8]) { self.text = text }

    /// Reads a whole text.
    static func parse(_ text: [UInt8]) throws(JSONSyntaxError) -> JSONNode {
        var parser = JSONParser(text: text)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == text.count else { throw parser.error("text after the value") }
        return value
    }

    private func error(_ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(at: position, of: text, reason: reason)
    }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONNode {
        switch next {
        case UInt8(ascii: "{"):
            return try nested { (parser) throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["):
            return try nested { (parser) throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            return try number()
        case nil: throw error("the text ends where a value should be")
        default: throw error("not the beginning of a value")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONSyntaxError) -> JSONNode
    ) throws(JSONSyntaxError) -> JSONNode {
        guard depth < Self.deepest else { throw error("more than \(Self.deepest) levels deep") }
        depth += 1
        position += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONNode {
        var members: [String: JSONNode] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a key in quotes should be here") }
            let keyAt = position
            let key = try string()
            guard members[key] == nil else {
                throw JSONSyntaxError(at: keyAt, of: text, reason: "this key is there twice")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon should be here") }
            skipSpace()
            members[key] = try value()
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or } should be here") }
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> JSONNode {
        var elements: [JSONNode] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            skipSpace()
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or ] should be here") }
        }
    }

    private mutating func word(
        _ spelling: StaticString,
        _ value: JSONNode
    ) throws(JSONSyntaxError) -> JSONNode {
        for byte in "\(spelling)".utf8 {
            guard take(byte) else { throw error("not the beginning of a value") }
        }
        return value
    }

    private mutating func digits() throws(JSONSyntaxError) {
        guard let first = next, (0x30...0x39).contains(first) else {
            throw error("a digit should be here")
        }
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONNode {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let spelling = String(decoding: text[start..<position], as: UTF8.self)
        guard let value = Double(spelling), value.isFinite else {
            throw JSONSyntaxError(at: start, of: text, reason: "a number out of range")
        }
        return .number(value)
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        let start = position
        position += 1
        var bytes: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: bytes, as: UTF8.self) else {
                    throw JSONSyntaxError(at: start, of: text, reason: "a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try escape(into: &bytes)
            case 0..<0x20: throw error("a control character that is not escaped")
            default:
                bytes.append(byte)
                position += 1
            }
        }
        throw JSONSyntaxError(at: start, of: text, reason: "a string without an end")
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONSyntaxError) {
        position += 1
        let plain: UInt8
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = text[position]
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            position += 1
            bytes.append(contentsOf: Array(String(try escapedScalar()).utf8))
            return
        default: throw error("not an escape")
        }
        bytes.append(plain)
        position += 1
    }

    private mutating func escapedScalar() throws(JSONSyntaxError) -> Character {
        let start = position
        let first = try hexadecimal()
        var code = UInt32(first)
        if (0xD800...0xDBFF).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let second = try hexadecimal()
            guard (0xDC00...0xDFFF).contains(second) else {
                throw JSONSyntaxError(at: start, of: text, reason: "half a surrogate pair")
            }
            code = 0x1_0000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw JSONSyntaxError(at: start, of: text, reason: "half a surrogate pair")
        }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
        guard position + 4 <= text.count else {
            throw error("four hexadecimal digits should be here")
        }
        var value: UInt16 = 0
        for byte in text[position..<position + 4] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error("four hexadecimal digits should be here")
            }
            value = value << 4 | UInt16(digit)
        }
        position += 4
        return value
    }
}
