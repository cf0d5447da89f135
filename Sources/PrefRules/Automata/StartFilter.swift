/// Rules out, for a few instructions a byte, the places where no match can begin.
///
/// It looks at the classes of four bytes: at all four by two bits under their hash (a Bloom filter
/// within one word), and at the first three exactly, for rules that allow nearly anything behind
/// them. What it lets through is followed by the rules together; most of that dies at once.
///
/// Rules that begin with words are looked for only where words begin, in whole blocks; the others
/// at every place.
struct StartFilter: Sendable {
    private let all: StartTables
    // Rules that begin with words, or with one of `extras`; the others, if there are any.
    private let atWords: StartTables
    private let anywhere: StartTables?
    private let extras: (UInt8, UInt8)

    /// Joins the ways in which rules begin.
    init(_ rules: [StartPaths]) {
        let words = rules.filter { !$0.beginInsideWords }
        let others = words.reduce(into: Set<UInt8>()) { $0.formUnion($1.otherBeginnings) }
            .filter { ByteClass.isPlain(Int($0)) }.sorted()
        let fewOthers = others.count <= 2
        func beginsWithWords(_ rule: StartPaths) -> Bool {
            !rule.beginInsideWords
                && (fewOthers || !rule.otherBeginnings.contains { ByteClass.isPlain(Int($0)) })
        }
        extras = fewOthers ? (others.first ?? 0, others.last ?? 0) : (0, 0)
        all = StartTables(rules)
        atWords = StartTables(rules.filter(beginsWithWords))
        let rest = rules.filter { !beginsWithWords($0) }
        anywhere = rest.isEmpty ? nil : StartTables(rest)
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
        var window: UInt32 = 0
        var first = first
        var kind = kind
        let candidate = passBlocks(bytes, &first, &kind, beginnings)
        if candidate >= 0 { return Stop(candidate: candidate, end: first) }
        var index = first
        while true {
            index = all.nextHit(bytes, index, &window)
            guard index >= 0 else { return Stop(candidate: -1, end: ~index) }
            let place = index - StartPaths.depth
            guard place >= first else { continue }
            let before = place == first ? kind : Self.kind(of: bytes[place - 1])
            if before == .word, Self.kind(of: bytes[place]) == .word {
                // In the midst of a word.
                guard let anywhere, anywhere.isInSets(window) else { continue }
            }
            if case .none = beginnings.outlook(bytes, from: place, after: before) { continue }
            return Stop(candidate: place, end: index)
        }
    }

    /// Passes over blocks of plain bytes by looking only at where words begin.
    ///
    /// - Returns: a place where a match may begin, or -1.
    @inline(never)
    private func passBlocks(
        _ bytes: Span<UInt8>,
        _ first: inout Int,
        _ kind: inout SymbolKind,
        _ beginnings: Beginnings
    ) -> Int {
        while first &+ WordStarts.blockCount &+ StartPaths.depth <= bytes.count {
            // Safe: the block and the four bytes behind it are there.
            let block = unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe WordStarts(
                    bytes.baseAddress.unsafelyUnwrapped + first,
                    afterWord: kind == .word,
                    extras: extras
                )
            }
            guard block.isPlain else { return -1 }
            var starts = block.starts
            var candidate = -1
            while starts != 0 {
                let place = first &+ starts.trailingZeroBitCount
                starts &= starts &- 1
                guard atWords.isInSets(bytes, place) else { continue }
                let before = place == first ? kind : Self.kind(of: bytes[place - 1])
                if case .none = beginnings.outlook(bytes, from: place, after: before) { continue }
                candidate = place
                break
            }
            if anywhere != nil {
                // The first place counts: the others are looked at up to that one.
                let end = candidate >= 0 ? candidate : first &+ WordStarts.blockCount
                let other = searchAnywhere(bytes, first, end, kind, beginnings)
                if other >= 0 { return other }
            }
            if candidate >= 0 { return candidate }
            first &+= WordStarts.blockCount
            kind = Self.kind(of: bytes[first - 1])
        }
        return -1
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

    /// The kind of a plain byte.
    static func kind(of byte: UInt8) -> SymbolKind {
        let isDigit = byte &- 0x30 < 10
        let isLetter = (byte | 0x20) &- 0x61 < 26
        if isLetter || isDigit || byte == 0x5f { return .word }
        return byte == 0x0a ? .newline : .other
    }
}
