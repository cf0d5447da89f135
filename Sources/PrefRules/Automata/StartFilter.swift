private import CTextBlocks

/// Rules out, for a few instructions a byte, the places where no match can begin.
///
/// Rules that begin with words, or with signs, are looked for only where words or signs are: these
/// places are found sixteen bytes at a time, and four bytes from there on are looked up (`StartSets`).
/// The others are looked for at every place (`StartTables`), in blocks that have a sign which all of
/// those have. What is let through is followed by the rules together; most of that dies at once.
///
/// Neither knows case: rules that begin with two capitals or digits, whatever they are, have sets of
/// their own, which only places with two of them are looked up in.
final class StartFilter: Sendable {
    // Rules that begin with words or signs; the others, if there are any.
    private let atWords: StartSets
    private let anywhere: StartTables?
    // A sign that all of the latter have at the same place of their beginnings.
    private let mark: UInt8?
    // What may begin a match, after a word character (1) and after anything else (2).
    private let firsts: [UInt8]

    /// Joins the ways in which rules begin.
    init(_ rules: [StartPaths]) {
        func isCapital(_ rule: StartPaths) -> Bool {
            rule.beginsWithCapitals && !rule.beginInsideWords
        }
        func beginsWithWords(_ rule: StartPaths) -> Bool {
            !rule.beginInsideWords && !rule.otherBeginnings.contains(where: ByteClass.isSpace)
        }
        let capitals = rules.filter(isCapital)
        let others = rules.filter { !isCapital($0) }
        let words = others.filter(beginsWithWords)
        let rest = others.filter { !beginsWithWords($0) }
        mark = Self.mark(of: rest)
        atWords = StartSets(
            words: words,
            capitals: capitals,
            signs: words.contains { !$0.otherBeginnings.isEmpty },
            mark: mark
        )
        anywhere = rest.isEmpty ? nil : StartTables(rest)
        firsts = Self.firsts(atWords: words + capitals, anywhere: rest)
    }

    private static func firsts(atWords: [StartPaths], anywhere: [StartPaths]) -> [UInt8] {
        var firsts = [UInt8](repeating: 0, count: 256)
        func add(_ rules: [StartPaths], insideWords: Bool) {
            let classes = rules.reduce(0) { $0 | $1.firstClasses }
            for byteClass in 0..<ByteClass.count where classes >> UInt64(byteClass) & 1 != 0 {
                let isWord = byteClass & Int(ByteClass.word) != 0
                for byte in ByteClass.members[byteClass] {
                    firsts[Int(byte)] |= isWord && !insideWords ? 2 : 3
                }
            }
        }
        add(atWords, insideWords: false)
        add(anywhere, insideWords: true)
        return firsts
    }

    /// A sign that beginnings have at one place of theirs.
    private static func mark(of rules: [StartPaths]) -> UInt8? {
        for offset in 0..<StartPaths.depth - 1 {
            let classes = rules.reduce(into: Set<Int>()) { $0.formUnion($1.classes(at: offset)) }
            guard classes.count == 1, let only = classes.first, only & Int(ByteClass.word) == 0,
                only != Int(ByteClass.space), let byte = ByteClass.members[only].first
            else { continue }
            return UInt8(byte)
        }
        return nil
    }

    /// Where a search ended.
    struct Stop {
        /// The first place where a match may begin, or -1.
        let candidate: Int
        /// The first byte that was not looked at: the end, or a byte that is not plain.
        let end: Int
    }

    /// Whether a match may begin with a plain byte, for all that it alone tells.
    @inline(__always)
    func mayBegin(_ byte: UInt8, after kind: SymbolKind) -> Bool {
        firsts[Int(byte)] & (kind == .word ? 1 : 2) != 0
    }

    /// Looks for the first place where a match may begin, of those that have all their four bytes.
    ///
    /// - Parameters:
    ///   - bytes: plain bytes, and whatever ends them.
    ///   - first: the first place.
    ///   - kind: what precedes it.
    ///   - beginnings: the rules.
    /// - Returns: that place, or that there is none.
    func search(
        _ bytes: Span<UInt8>,
        from first: Int,
        after kind: SymbolKind,
        _ beginnings: Beginnings
    ) -> Stop {
        var first = first
        var kind = kind
        while first < bytes.count {
            let block = atWords.look(bytes, from: first, afterWord: kind == .word)
            var candidate = -1
            var hits = block.hits
            while hits != 0 {
                let place = first &+ hits.trailingZeroBitCount
                hits &= hits &- 1
                let before = place == first ? kind : Self.kind(of: bytes[place - 1])
                if case .none = beginnings.outlook(bytes, from: place, after: before) { continue }
                candidate = place
                break
            }
            if mark == nil || block.has_mark, block.place_count > 0, let anywhere {
                // The first place counts: the others are looked at up to that one.
                let end = candidate >= 0 ? candidate : first &+ block.place_count
                let other = search(anywhere, bytes, first, end, kind, beginnings)
                if other >= 0 { candidate = other }
            }
            if candidate >= 0 { return Stop(candidate: candidate, end: first) }
            guard block.place_count == StartSets.blockCount else {
                return Stop(candidate: -1, end: first &+ block.plain_count)
            }
            first &+= block.place_count
            kind = Self.kind(of: bytes[first - 1])
        }
        return Stop(candidate: -1, end: bytes.count)
    }

    /// The first place before `end` where a rule that begins anywhere may, or -1.
    private func search(
        _ anywhere: StartTables,
        _ bytes: Span<UInt8>,
        _ first: Int,
        _ end: Int,
        _ kind: SymbolKind,
        _ beginnings: Beginnings
    ) -> Int {
        let part = bytes.extracting(0..<(end + StartPaths.depth - 1))
        var window: UInt32 = 0
        var index = first
        while true {
            index = anywhere.nextHit(part, index, &window)
            guard index >= 0 else { return -1 }
            let place = index - StartPaths.depth
            guard place >= first else { continue }
            let before = place == first ? kind : Self.kind(of: bytes[place - 1])
            if case .none = beginnings.outlook(bytes, from: place, after: before) { continue }
            return place
        }
    }

    /// Whether a byte is a capital or a digit.
    @inline(__always)
    static func isCapital(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 || byte &- 0x30 < 10 }

    /// The kind of a plain byte.
    static func kind(of byte: UInt8) -> SymbolKind {
        let isDigit = byte &- 0x30 < 10
        let isLetter = (byte | 0x20) &- 0x61 < 26
        if isLetter || isDigit || byte == 0x5f { return .word }
        return byte == 0x0a ? .newline : .other
    }
}
