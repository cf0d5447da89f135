// The escapes of patterns: `\d`, `\x{…}` and their like.

extension PatternParser {
    mutating func parseEscape(_ start: Int) throws(PatternError) -> PatternNode {
        guard let next = peek else { throw error("the pattern ends with a single \\", start) }
        let assertion: Assertion? =
            switch next {
            case "b": .wordBoundary
            case "B": .notWordBoundary
            case "A": .textStart
            case "z": .textEnd
            default: nil
            }
        if let assertion {
            _ = advance()
            return .assertion(assertion)
        }
        if accept("K") {
            guard depth == 1 else {
                throw error("\\K may not stand in a group: the match begins at one place", start)
            }
            guard !hasContext else { throw error("\\K may occur only once", start) }
            hasContext = true
            return .matchStart
        }
        if let set = try parseClassEscape() { return .set(set) }
        return character(try parseCharacterEscape(start))
    }

    /// `\d` and its like.
    mutating func parseClassEscape() throws(PatternError) -> SymbolSet? {
        let set: SymbolSet? =
            switch peek {
            case "d": SymbolSet.digits.withLookAlikes(of: table)
            case "D": SymbolSet.digits.inverted(in: table)
            case "w": SymbolSet.wordCharacters.withLookAlikes(of: table)
            case "W": SymbolSet.wordCharacters.inverted(in: table)
            case "s": SymbolSet.whiteSpace.withLookAlikes(of: table)
            case "S": SymbolSet.whiteSpace.inverted(in: table)
            default: nil
            }
        if set != nil { _ = advance() }
        return set
    }

    mutating func parseCharacterEscape(_ start: Int) throws(PatternError) -> UInt32 {
        guard let next = advance() else { throw error("the pattern ends with a single \\", start) }
        switch next {
        case "t": return 0x09
        case "n": return 0x0a
        case "v": return 0x0b
        case "f": return 0x0c
        case "r": return 0x0d
        case "a": return 0x07
        case "e": return 0x1b
        case "0": return 0x00
        case "x":
            guard accept("{") else { return try parseHex(digits: 2, start) }
            var value: UInt32 = 0
            while let digit = advance(), digit != "}" {
                guard let number = digit.properties.isASCIIHexDigit ? hexValue(digit) : nil,
                    value <= SymbolSet.lastScalar
                else { throw error("\\x{…} takes the hexadecimal number of a character", start) }
                value = value << 4 | number
            }
            return try scalar(value, start)
        case "u": return try parseHex(digits: 4, start)
        case "1"..."9":
            throw error(
                "the back-reference \\\(next) is not supported: it cannot be matched in linear time",
                start
            )
        case "p", "P":
            throw error("\\\(next){…} is not supported; write the characters as a class […]", start)
        default:
            guard !SymbolSet.wordCharacters.contains(next.value) else {
                throw error(
                    "\\\(next) is not supported; supported are \\d \\w \\s \\D \\W \\S \\b \\B \\K \\A"
                        + " \\z \\t \\n \\r \\f \\v \\a \\e \\0 \\xHH \\x{…} \\uHHHH",
                    start
                )
            }
            return next.value
        }
    }

    private mutating func parseHex(digits: Int, _ start: Int) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let next = advance(), let digit = hexValue(next) else {
                throw error("\(digits) hexadecimal digits are expected here", start)
            }
            value = value << 4 | digit
        }
        return try scalar(value, start)
    }

    private func scalar(_ value: UInt32, _ start: Int) throws(PatternError) -> UInt32 {
        guard Unicode.Scalar(value) != nil else {
            throw error("\(String(value, radix: 16)) is no character's number", start)
        }
        return value
    }

    private func hexValue(_ scalar: Unicode.Scalar) -> UInt32? {
        Character(scalar).hexDigitValue.map(UInt32.init)
    }
}
