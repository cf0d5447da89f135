internal import ChatWire

/// Reads one JSON text into values.
///
/// Stricter than RFC 8259 asks for in two places: no duplicate keys, and at most ``deepest`` levels.
struct JSONParser {
    /// How deep values may nest; the API's own messages need four levels.
    static let deepest = 32

    private let text: [UInt8]
    private var depth = 0

    private init(text: [UInt8]) { self.text = text }

    /// Reads a whole text.
    static func parse(_ text: [UInt8]) throws(JSONSyntaxError) -> JSONNode {
        do throws(JSONError) {
            try JSON.validate(text.span)
        } catch {
            throw JSONSyntaxError(at: error.offset, of: text, reason: error.reason.rawValue)
        }
        var parser = JSONParser(text: text)
        return try parser.value(at: JSON.root(text.span))
    }

    private func error(at offset: Int, _ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(at: offset, of: text, reason: reason)
    }

    private mutating func value(at offset: Int) throws(JSONSyntaxError) -> JSONNode {
        switch JSON.kind(text.span, at: offset) {
        case .object, .array:
            guard depth < Self.deepest else { throw error(at: offset, "nested too deeply") }
            depth += 1
            defer { depth -= 1 }
            return text[offset] == UInt8(ascii: "{")
                ? try object(at: offset) : try array(at: offset)
        case .string:
            let string = JSONString.scan(text.span, at: offset)
            let decoded = JSONString.decoded(text.span, string)
            guard !(string.hasEscapes && decoded.unicodeScalars.contains("\u{FFFD}")) else {
                throw error(at: offset, "an escape that stands for no character")
            }
            return .string(decoded)
        case .number: return try number(at: offset)
        case .bool: return .bool(text[offset] == UInt8(ascii: "t"))
        case .null, nil: return .null
        }
    }

    private mutating func object(at offset: Int) throws(JSONSyntaxError) -> JSONNode {
        var members: [String: JSONNode] = [:]
        var cursor = JSONMembers(objectAt: offset)
        while let member = cursor.next(in: text.span) {
            let key = JSONString.decoded(text.span, member.key)
            let value = try value(at: member.value)
            guard members.updateValue(value, forKey: key) == nil else {
                throw error(at: member.key.contents.lowerBound - 1, "a key that stands twice")
            }
        }
        return .object(members)
    }

    private mutating func array(at offset: Int) throws(JSONSyntaxError) -> JSONNode {
        var elements: [JSONNode] = []
        var cursor = JSONElements(arrayAt: offset)
        while let element = cursor.next(in: text.span) { elements.append(try value(at: element)) }
        return .array(elements)
    }

    private func number(at offset: Int) throws(JSONSyntaxError) -> JSONNode {
        let end = JSON.end(text.span, ofValueAt: offset)
        let digits = String(decoding: text[offset..<end], as: UTF8.self)
        guard let value = Double(digits), value.isFinite else {
            throw error(at: offset, "a number that is too large")
        }
        return .number(value)
    }
}
