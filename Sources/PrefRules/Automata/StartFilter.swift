/// Rules out, for a few instructions a byte, the places where no match can begin.
///
/// It looks at the classes of four bytes: at all four by two bits under their hash (a Bloom filter
/// within one word), and at the first three exactly, for rules that allow nearly anything behind
/// them. What it lets through is followed by the rules together; most of that dies at once.
///
/// Rules that begin with words, or with signs, are looked for only where words or signs are; the
/// others at every place, in blocks that have a sign which all of those have. Its classes know no case: rules that begin with capitals or
/// digits, whatever they are, have tables of their own, which only places with two of them are
/// looked up in.
final class StartFilter: Sendable {
    // Rules that begin with words or signs; the others, if there are any.
    private let atWords: StartTables
    // Of those, the rules that begin with two capitals or digits.
    private let atCapitals: StartTables
    private let anywhere: StartTables?
    // A sign that all of the latter have at the same place of their beginnings.
    private let mark: Mark?
    // Whether any begins with a sign.
    private let signs: Bool

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
        atWords = StartTables(words)
        atCapitals = StartTables(capitals)
        anywhere = rest.isEmpty ? nil : StartTables(rest)
        mark = Mark(rest)
        signs = words.contains { !$0.otherBeginnings.isEmpty }
    }

    /// A sign that beginnings have at one place of theirs.
    private struct Mark {
        let offset: Int
        let byte: UInt8

        init?(_ rules: [StartPaths]) {
            for offset in 0..<StartPaths.depth - 1 {
                let classes = rules.reduce(into: Set<Int>()) {
                    $0.formUnion($1.classes(at: offset))
                }
                guard classes.count == 1, let only = classes.first, only & Int(ByteClass.word) == 0,
                    only != Int(ByteClass.space), let byte = ByteClass.members[only].first
                else { continue }
                self.offset = offset
                self.byte = UInt8(byte)
                return
            }
            return nil
        }
    }

    /// Where a search ended.
    struct Stop {
        /// The first place where a match may begin, or -1.
        let candidate: Int
        /// The first byte that was not looked at: the end, or a byte that is not plain.
        let end: Int
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
            let left = bytes.count &- first
            // Safe: all that is left is there.
            let block = unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe WordStarts(
                    bytes.baseAddress.unsafelyUnwrapped + first,
                    count: left,
                    afterWord: kind == .word,
                    signs: signs
                )
            }
            // The last places of a whole block have their four bytes in what follows it.
            let isWhole = block.plainCount == WordStarts.blockCount
            let goesOn = isWhole && left >= WordStarts.blockCount &+ StartPaths.depth
            let places =
                goesOn ? WordStarts.blockCount : max(0, block.plainCount &- StartPaths.depth &+ 1)
            if places > 0 {
                let place = search(bytes, first, places, block.starts, kind, beginnings)
                if place >= 0 { return Stop(candidate: place, end: first) }
            }
            guard isWhole else { return Stop(candidate: -1, end: first &+ block.plainCount) }
            first &+= places
            kind = Self.kind(of: bytes[first - 1])
        }
        return Stop(candidate: -1, end: bytes.count)
    }

    /// The first place in a block where a match may begin, or -1.
    ///
    /// - Parameters:
    ///   - bytes: plain bytes, and whatever ends them.
    ///   - first: the block's first place.
    ///   - places: how many places are looked at, all of which have their four bytes.
    ///   - starts: which of them begin a word, or are a sign.
    ///   - kind: what precedes the first.
    ///   - beginnings: the rules.
    /// - Returns: that place.
    @inline(__always)
    private func search(
        _ bytes: Span<UInt8>,
        _ first: Int,
        _ places: Int,
        _ starts: UInt64,
        _ kind: SymbolKind,
        _ beginnings: Beginnings
    ) -> Int {
        var starts = starts
        var candidate = -1
        while starts != 0 {
            let offset = starts.trailingZeroBitCount
            guard offset < places else { break }
            let place = first &+ offset
            starts &= starts &- 1
            guard atWords.isInSets(bytes, place) || isCapital(bytes, place) else { continue }
            let before = place == first ? kind : Self.kind(of: bytes[place - 1])
            if case .none = beginnings.outlook(bytes, from: place, after: before) { continue }
            candidate = place
            break
        }
        if anywhere != nil, hasMark(bytes, first, places) {
            // The first place counts: the others are looked at up to that one.
            let end = candidate >= 0 ? candidate : first &+ places
            let other = searchAnywhere(bytes, first, end, kind, beginnings)
            if other >= 0 { return other }
        }
        return candidate
    }

    /// Whether a rule that begins anywhere may begin at some places, by its mark.
    @inline(__always)
    private func hasMark(_ bytes: Span<UInt8>, _ first: Int, _ places: Int) -> Bool {
        guard let mark else { return true }
        // Safe: the places and the three bytes behind them are there.
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe WordStarts.contains(
                bytes.baseAddress.unsafelyUnwrapped + (first + mark.offset),
                count: places,
                mark.byte
            )
        }
    }

    /// The first place before `end` where a rule that begins anywhere may, or -1.
    private func searchAnywhere(
        _ bytes: Span<UInt8>,
        _ first: Int,
        _ end: Int,
        _ kind: SymbolKind,
        _ beginnings: Beginnings
    ) -> Int {
        guard let anywhere else { return -1 }
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

    /// Whether the four bytes from a place on are a beginning with capitals.
    @inline(__always)
    private func isCapital(_ bytes: Span<UInt8>, _ place: Int) -> Bool {
        guard Self.isCapital(bytes[place]), Self.isCapital(bytes[place &+ 1]) else { return false }
        return atCapitals.isInSets(bytes, place)
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
