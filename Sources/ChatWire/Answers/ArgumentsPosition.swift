/// Where one is in a tool call's arguments: JSON that a model writes piece by piece.
///
/// A replacement must fit its place, or the arguments stop being JSON: inside a string it is
/// escaped, a number becomes a string or another number, an escape that was begun is finished.
/// Malformed arguments are followed as far as that means anything.
public struct ArgumentsPosition: Hashable, Sendable {
    private enum Place: Hashable {
        /// Between tokens.
        case structure
        /// Within a number or a word such as `true`.
        case bareword
        case string
        /// Right behind a backslash.
        case backslash
        /// Behind `\u`, with so many digits to come.
        case hex(Int)
    }

    private var place = Place.structure

    /// The beginning of the arguments.
    public init() {}

    /// Moves on over more of the arguments, decoded from the field that carries them.
    public mutating func advance(over text: Span<UInt8>) {
        for index in text.indices { advance(over: text[index]) }
    }

    private mutating func advance(over byte: UInt8) {
        switch place {
        case .structure, .bareword:
            switch byte {
            case UInt8(ascii: "\""): place = .string
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"):
                place = .bareword
            default: place = .structure
            }
        case .string:
            if byte == UInt8(ascii: "\"") {
                place = .structure
            } else if byte == UInt8(ascii: "\\") {
                place = .backslash
            }
        case .backslash: place = byte == UInt8(ascii: "u") ? .hex(4) : .string
        case .hex(let count): place = count > 1 ? .hex(count - 1) : .string
        }
    }

    /// What to write for `text` in place of the arguments between two positions.
    ///
    /// - Parameters:
    ///   - text: What the reader of the arguments should find.
    ///   - start: The position before what is replaced.
    ///   - end: The position behind it.
    ///   - next: The byte that follows, where it is known.
    /// - Returns: Text of the arguments, still to be escaped for the field that carries them.
    public static func replacement(
        _ text: String,
        from start: ArgumentsPosition,
        to end: ArgumentsPosition,
        next: UInt8?
    ) -> [UInt8] {
        guard start.isInString else { return outside(text, start, end, next) }
        var bytes: [UInt8] = []
        switch start.place {
        // What was begun is finished, as a backslash or some character.
        case .backslash: bytes.append(UInt8(ascii: "\\"))
        case .hex(let count): bytes += [UInt8](repeating: UInt8(ascii: "0"), count: count)
        default: break
        }
        bytes += JSONString.encoded(text)
        if !end.isInString { bytes.append(UInt8(ascii: "\"")) }
        // What follows is still the escaped character, so that a quote does not end the string.
        if end.place == .backslash { bytes.append(UInt8(ascii: "\\")) }
        return bytes
    }

    private static func outside(
        _ text: String,
        _ start: ArgumentsPosition,
        _ end: ArgumentsPosition,
        _ next: UInt8?
    ) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        if end.isInString {
            // The rest of the string follows.
            let rest: [UInt8] = end.place == .backslash ? [UInt8(ascii: "\\")] : []
            return [quote] + JSONString.encoded(text) + rest
        }
        var after = end
        if let next { after.advance(over: next) }
        // A part of a number can only be a number; `1` may have digits before and behind it.
        let continues = end.place == .bareword && (next == nil || after.place == .bareword)
        if start.place == .bareword || continues { return [UInt8(ascii: "1")] }
        return [quote] + JSONString.encoded(text) + [quote]
    }

    private var isInString: Bool {
        switch place {
        case .structure, .bareword: false
        case .string, .backslash, .hex: true
        }
    }
}
