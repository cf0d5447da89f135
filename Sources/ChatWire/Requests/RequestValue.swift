/// Reading a request's members by the type they must have.
enum RequestValue {
    /// A string, or nil for `null`.
    ///
    /// - Throws: ``WireError`` for anything else.
    static func string(
        _ text: Span<UInt8>,
        at offset: Int,
        param: String
    ) throws(WireError) -> String? {
        switch JSON.kind(text, at: offset) {
        case .string: return JSONString.decoded(text, JSONString.scan(text, at: offset))
        case .null: return nil
        default: throw WireError("'\(param)' must be a string.", param: param)
        }
    }

    /// A boolean, or nil for `null`.
    ///
    /// - Throws: ``WireError`` for anything else.
    static func bool(
        _ text: Span<UInt8>,
        at offset: Int,
        param: String
    ) throws(WireError) -> Bool? {
        switch JSON.kind(text, at: offset) {
        case .bool: return text[offset] == UInt8(ascii: "t")
        case .null: return nil
        default: throw WireError("'\(param)' must be true or false.", param: param)
        }
    }

    /// A whole number from 1 on, or nil for `null`.
    ///
    /// - Throws: ``WireError`` for anything else, also where it is spelled with a fraction.
    static func count(
        _ text: Span<UInt8>,
        at offset: Int,
        param: String
    ) throws(WireError) -> Int? {
        switch JSON.kind(text, at: offset) {
        case .null: return nil
        case .number:
            if let value = integer(text, at: offset), value >= 1 { return value }
            fallthrough
        default: throw WireError("'\(param)' must be a whole number, 1 or more.", param: param)
        }
    }

    /// The integer at `offset`, or nil where the value is not one or does not fit.
    static func integer(_ text: Span<UInt8>, at offset: Int) -> Int? {
        let end = JSON.end(text, ofValueAt: offset)
        // Longer than any Int.
        guard end - offset <= 20, JSON.kind(text, at: offset) == .number else { return nil }
        var digits: [UInt8] = []
        digits.append(text, offset..<end)
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// Whether an object begins at `offset`; false for `null`.
    ///
    /// - Throws: ``WireError`` for anything else.
    static func isObject(
        _ text: Span<UInt8>,
        at offset: Int,
        param: String
    ) throws(WireError) -> Bool {
        switch JSON.kind(text, at: offset) {
        case .object: return true
        case .null: return false
        default: throw WireError("'\(param)' must be an object.", param: param)
        }
    }
}
