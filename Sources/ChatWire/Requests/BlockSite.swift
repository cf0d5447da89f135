/// A place in a request body where a block of text can go.
enum BlockSite: Sendable {
    /// Inside a string: before the closing quote, or after the opening one. `isBlank` where no text
    /// of the app's is left there, so that no separator is wanted.
    case string(at: Int, isBlank: Bool)
    /// In an array of parts, before its first or behind its last element.
    case part(at: Int, isBlank: Bool)
    /// In place of `null`.
    case null(Range<Int>)
    /// A member of that name for an object that has none, right behind its `{`; `isAlone` where the
    /// object is empty.
    case member(StaticString, at: Int, isAlone: Bool)
    /// A message of its own, in front of all others.
    case message(at: Int)

    /// The change that puts a block here.
    func splice(_ block: String, _ placement: PreferenceBlock.Placement) -> Splice {
        switch self {
        case .string(let offset, let isBlank):
            guard !isBlank else { return Splice(at: offset, JSONString.encoded(block)) }
            let separator = PreferenceBlock.separator
            let text = placement == .end ? separator + block : block + separator
            return Splice(at: offset, JSONString.encoded(text))
        case .part(let offset, let isBlank):
            let part = Self.textPart(block)
            guard !isBlank else { return Splice(at: offset, part) }
            let comma: [UInt8] = [UInt8(ascii: ",")]
            return Splice(at: offset, placement == .end ? comma + part : part + comma)
        case .null(let range):
            return Splice(range, JSONString.quoted(block))
        case .member(let name, let offset, let isAlone):
            var bytes: [UInt8] = []
            bytes.append("\"")
            bytes.append(name)
            bytes.append("\":")
            bytes.append(contentsOf: JSONString.quoted(block))
            if !isAlone { bytes.append(UInt8(ascii: ",")) }
            return Splice(at: offset, bytes)
        case .message(let offset):
            return Splice(at: offset, Self.systemMessage(block))
        }
    }

    /// A system message and the comma behind it, to stand before another message.
    static func systemMessage(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"role\":\"system\",\"content\":")
        bytes.append(contentsOf: JSONString.quoted(text))
        bytes.append("},")
        return bytes
    }

    private static func textPart(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"type\":\"text\",\"text\":")
        bytes.append(contentsOf: JSONString.quoted(text))
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
