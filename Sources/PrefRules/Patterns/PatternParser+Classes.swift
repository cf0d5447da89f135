// The bracketed classes of patterns.

extension PatternParser {
    mutating func parseClass(_ start: Int) throws(PatternError) -> SymbolSet {
        let negated = accept("^")
        var set = SymbolSet()
        var first = true
        while true {
            guard let next = peek else { throw error("the class […] is not closed", start) }
            if next == "]", !first { break }
            first = false
            let itemStart = position
            if next == "[", let named = try parseNamedClass() {
                set.formUnion(named)
                continue
            }
            if next == "[", position + 1 < scalars.count, scalars[position + 1] == 0x5b {
                throw error("classes cannot be nested; write \\[ for the character", itemStart)
            }
            _ = advance()
            if next == "\\", let named = try parseClassEscape() {
                set.formUnion(named)
                continue
            }
            let lower = next == "\\" ? try parseClassCharacter(itemStart) : next.value
            guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != 0x5d else {
                set.insert(lower)
                continue
            }
            _ = advance()
            let upperStart = position
            guard let last = advance() else { throw error("the class […] is not closed", start) }
            let upper = last == "\\" ? try parseClassCharacter(upperStart) : last.value
            guard lower <= upper else {
                throw error("the range is the wrong way round", itemStart)
            }
            set.insert(lower...upper)
        }
        _ = advance()
        set = set.folded(by: table)
        if flags.ignoresCase { set = set.withBothCases }
        set = negated ? set.inverted(in: table) : set.withLookAlikes(of: table)
        guard !set.isEmpty else { throw error("the class matches nothing", start) }
        return set
    }

    private mutating func parseClassCharacter(_ start: Int) throws(PatternError) -> UInt32 {
        if accept("b") { return 0x08 }
        return try parseCharacterEscape(start)
    }

    private mutating func parseNamedClass() throws(PatternError) -> SymbolSet? {
        let start = position
        guard accept("["), accept(":") else {
            position = start
            return nil
        }
        let negated = accept("^")
        var name = ""
        while let next = advance(), next != ":" { name.unicodeScalars.append(next) }
        guard accept("]") else { throw error("[:\(name) is not closed by :]", start) }
        let set: SymbolSet
        switch name {
        case "alpha": set = SymbolSet(0x41...0x5a, 0x61...0x7a)
        case "digit": set = .digits
        case "alnum": set = SymbolSet(0x30...0x39, 0x41...0x5a, 0x61...0x7a)
        case "upper": set = SymbolSet(0x41...0x5a)
        case "lower": set = SymbolSet(0x61...0x7a)
        case "space": set = .whiteSpace
        case "blank": set = SymbolSet(0x09...0x09, 0x20...0x20)
        case "punct":
            set = SymbolSet(0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e)
        case "xdigit": set = SymbolSet(0x30...0x39, 0x41...0x46, 0x61...0x66)
        case "word": set = .wordCharacters
        default: throw error("there is no class [:\(name):]", start)
        }
        return negated ? set.inverted(in: table) : set
    }
}
