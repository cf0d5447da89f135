/// Parses the regular expressions of rule packs.
///
/// Everything that it accepts is matched in linear time. Supported: literals, `.`, classes
/// (`[a-z]`, `[^…]`, `[[:alpha:]]`), `\d \w \s \D \W \S`, `\b \B`, `^ $ \A \z`, groups `(…)`,
/// `(?:…)`, `(?<name>…)`, flags `(?i)`, `(?s)`, `(?m)` and `(?i:…)`, `|`, `* + ? {n} {n,} {n,m}`,
/// `\K` (what is before it is context, and the match begins there), escapes `\t \n \r \f \v \a \e \0 \xHH \x{H…} \uHHHH`. Lazy repeats (`*?`) are read as plain
/// ones, because of all matches that begin at one place the longest counts.
///
/// `\d`, `\w` and `\b` are about ASCII, to which the shadow folds whatever looks like it: a key
/// right after a letter of a script without spaces still stands at a word boundary.
///
/// Patterns see the shadow: their own characters are folded as text is.
struct PatternParser {
    struct Flags {
        var ignoresCase: Bool
        var dotMatchesNewline = false
        var multiline = false
    }

    let scalars: [UInt32]
    let table: FoldTable
    var position = 0
    private(set) var flags: Flags
    private(set) var depth = 0
    /// Whether `\K` has occurred.
    var hasContext = false

    private static let deepestNesting = 100
    private static let mostRepeats = 1000

    /// Parses a regular expression.
    static func parse(
        _ pattern: String,
        ignoringCase: Bool,
        table: FoldTable = .shared
    ) throws(PatternError) -> PatternNode {
        var parser = PatternParser(pattern, ignoringCase: ignoringCase, table: table)
        let node = try parser.parseChoice()
        if parser.hasContext, case .choice = node {
            throw parser.error("\\K stands beside '|'; put the alternatives in a group (?:…)")
        }
        guard parser.position == parser.scalars.count else {
            throw parser.error("')' closes no group; write \\) for the character")
        }
        return node
    }

    /// The pattern that matches one of the texts as they are.
    static func literal(
        _ texts: [String],
        ignoringCase: Bool,
        table: FoldTable = .shared
    ) -> PatternNode {
        .choice(
            texts.map { text in
                let parser = PatternParser(text, ignoringCase: ignoringCase, table: table)
                return .sequence(parser.scalars.map(parser.character))
            }
        )
    }

    /// Any of some texts, as what an answer says: none begins in the midst of a word, and no number
    /// ends in the midst of another.
    static func said(_ texts: [String], ignoringCase: Bool) -> PatternNode {
        .choice(
            texts.map { text in
                let scalars = text.unicodeScalars.map(\.value)
                let begins = scalars.first.map(SymbolSet.wordCharacters.contains) ?? false
                let ends = scalars.last.map(SymbolSet.digits.contains) ?? false
                return .sequence([
                    begins ? .assertion(.wordBoundary) : .empty,
                    literal([text], ignoringCase: ignoringCase),
                    ends ? .assertion(.wordBoundary) : .empty,
                ])
            }
        )
    }

    private init(_ pattern: String, ignoringCase: Bool, table: FoldTable) {
        scalars = pattern.unicodeScalars.map(\.value)
        self.table = table
        flags = Flags(ignoresCase: ignoringCase)
    }

    // MARK: Structure

    private mutating func parseChoice() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepestNesting else {
            throw error("groups are nested more than \(Self.deepestNesting) deep")
        }
        let outer = flags
        defer { flags = outer }
        var branches = [try parseSequence()]
        while accept("|") { branches.append(try parseSequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func parseSequence() throws(PatternError) -> PatternNode {
        var parts: [PatternNode] = []
        while let next = peek, next != "|", next != ")" {
            let start = position
            guard let atom = try parseAtom() else { continue }
            parts.append(try parseRepeats(of: atom, from: start))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func parseAtom() throws(PatternError) -> PatternNode? {
        let start = position
        guard let next = advance() else { return nil }
        switch next {
        case "(": return try parseGroup(start)
        case "[": return .set(try parseClass(start))
        case "\\": return try parseEscape(start)
        case ".":
            let none = flags.dotMatchesNewline ? SymbolSet() : .newline
            return .set(none.inverted(in: table))
        case "^": return .assertion(flags.multiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.multiline ? .lineEnd : .textEnd)
        case "*", "+", "?":
            throw error("'\(next)' has nothing to repeat; write \\\(next) for the character", start)
        case "{" where countsFollow:
            throw error("'{' has nothing to repeat; write \\{ for the character", start)
        default: return character(next.value)
        }
    }

    private mutating func parseGroup(_ start: Int) throws(PatternError) -> PatternNode? {
        guard accept("?") else { return try finishGroup(start) }
        if accept(":") { return try finishGroup(start) }
        if peek == "=" || peek == "!" {
            throw error("look-ahead \(Self.noLook)", start)
        }
        if accept("P") || peek == "<" {
            guard accept("<") else {
                throw error("'(?P' is supported only as '(?P<name>…)'", start)
            }
            if peek == "=" || peek == "!" { throw error("look-behind \(Self.noLook)", start) }
            while let next = advance(), next != ">" {
                guard SymbolSet.wordCharacters.contains(next.value) else {
                    throw error("a group's name has only letters, digits and _", start)
                }
            }
            return try finishGroup(start)
        }
        if peek == ">" { throw error("atomic groups '(?>…)' are not supported", start) }
        let outer = flags
        var setting = true
        while let next = advance() {
            switch next {
            case "i": flags.ignoresCase = setting
            case "s": flags.dotMatchesNewline = setting
            case "m": flags.multiline = setting
            case "-": setting = false
            case ")": return nil
            case ":":
                let node = try finishGroup(start)
                flags = outer
                return node
            default:
                throw error(
                    "'(?\(next)' is not supported; supported are (?:…), (?<name>…) and the flags"
                        + " i, s, m",
                    start
                )
            }
        }
        throw error("the group is not closed", start)
    }

    private mutating func finishGroup(_ start: Int) throws(PatternError) -> PatternNode {
        let node = try parseChoice()
        guard accept(")") else { throw error("the group is not closed", start) }
        return node
    }

    private mutating func parseRepeats(
        of atom: PatternNode,
        from start: Int
    ) throws(PatternError) -> PatternNode {
        var node = atom
        var repeats = 0
        while let next = peek {
            let at = position
            var counts: (least: Int, most: Int?)?
            switch next {
            case "*": counts = (0, nil)
            case "+": counts = (1, nil)
            case "?": counts = (0, 1)
            case "{": counts = try parseCounts()
            default: break
            }
            guard let counts else { break }
            if next != "{" { _ = advance() }
            repeats += 1
            if repeats > 1 {
                throw error("a repeat of a repeat; put the first in a group (?:…)", at)
            }
            if node == .matchStart { throw error("\(next) repeats \\K", start) }
            if case .assertion = node {
                throw error("\(next) repeats a condition that has no length", start)
            }
            if peek == "+" { throw error("possessive repeats are not supported") }
            _ = accept("?")
            node = .repeated(node, least: counts.least, most: counts.most)
        }
        return node
    }

    /// Whether `{` begins a repeat; if not, it is the character.
    private var countsFollow: Bool {
        var index = position
        var digits = 0
        while index < scalars.count, SymbolSet.digits.contains(scalars[index]) {
            index += 1
            digits += 1
        }
        guard digits > 0, index < scalars.count else { return false }
        if scalars[index] == 0x2c {
            index += 1
            while index < scalars.count, SymbolSet.digits.contains(scalars[index]) { index += 1 }
        }
        return index < scalars.count && scalars[index] == 0x7d
    }

    private mutating func parseCounts() throws(PatternError) -> (least: Int, most: Int?)? {
        let start = position
        _ = advance()
        guard countsFollow else {
            position = start
            return nil
        }
        let least = try parseCount(start)
        var most: Int? = least
        if accept(",") { most = peek == "}" ? nil : try parseCount(start) }
        _ = accept("}")
        if let most, most < least {
            throw error("{\(least),\(most)} is the wrong way round", start)
        }
        return (least, most)
    }

    private mutating func parseCount(_ start: Int) throws(PatternError) -> Int {
        var count = 0
        while let next = peek, let digit = digit(next) {
            count = min(count * 10 + digit, Self.mostRepeats + 1)
            _ = advance()
        }
        guard count <= Self.mostRepeats else {
            throw error(
                "a count may be \(Self.mostRepeats) at most; use {n,} for an open end",
                start
            )
        }
        return count
    }

    private func digit(_ scalar: Unicode.Scalar) -> Int? {
        SymbolSet.digits.contains(scalar.value) ? Int(scalar.value) - 0x30 : nil
    }

    // MARK: Characters

    /// A character of the pattern as the shadow has it.
    func character(_ scalar: UInt32) -> PatternNode {
        switch table.folding(of: scalar) {
        case .format, .mark: .empty
        case .same, .symbol: .set(symbols(for: scalar))
        case .sequence(let parts): .sequence(parts.map { .set(symbols(for: $0)) })
        }
    }

    private func symbols(for scalar: UInt32) -> SymbolSet {
        var set = SymbolSet(scalar)
        if scalar < FoldTable.firstLookAlike {
            set = set.folded(by: table)
        } else {
            let index = Int(scalar - FoldTable.firstLookAlike)
            for reading in table.lookAlikes[index].readings { set.insert(reading) }
        }
        if flags.ignoresCase { set = set.withBothCases }
        return set.withLookAlikes(of: table)
    }

    // MARK: Reading

    private static let noLook =
        "(?=…), (?!…), (?<=…), (?<!…) is not supported: it cannot be"
        + " matched in linear time; use \\b, ^, $ or a validator"

    var peek: Unicode.Scalar? {
        position < scalars.count ? Unicode.Scalar(scalars[position]) : nil
    }

    mutating func advance() -> Unicode.Scalar? {
        guard let next = peek else { return nil }
        position += 1
        return next
    }

    mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    func error(_ message: String, _ at: Int? = nil) -> PatternError {
        PatternError(position: (at ?? position) + 1, message: message)
    }
}
