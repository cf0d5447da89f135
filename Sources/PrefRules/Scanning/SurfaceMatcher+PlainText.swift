// Passing over plain text in which no match begins.
//
// A place is decided with four bytes at most, unless something begins there. The last three bytes of
// a chunk that something may begin with are carried, and looked at with the next chunk's first.

extension SurfaceMatcher {
    mutating func skim(_ bytes: Span<UInt8>, from first: Int, base: Int) -> Int {
        var index = first
        if !carry.isEmpty { index = stitch(bytes, from: first, base: base) }
        while index < bytes.count {
            if isIdle, lastKind != .either {
                index = skimIdle(bytes, from: index, base: base)
                guard index < bytes.count else { break }
            }
            let byte = bytes[index]
            guard ByteClass.isPlain(Int(byte)) else { break }
            feedPlain(byte, at: base + index)
            index += 1
        }
        return index
    }

    /// Passes over places where no match begins; gives the first byte to look at in the general way.
    private mutating func skimIdle(_ bytes: Span<UInt8>, from first: Int, base: Int) -> Int {
        let passage = program.passage(through: bytes, from: first, after: lastKind)
        pass(bytes, first..<passage.open, base: base)
        if passage.open < passage.end {
            for index in passage.open..<passage.end { carry.append(bytes[index]) }
            lastEnd = base + passage.end
            lastBareEnd = lastEnd
            heldCarry = passage.held.map { base + $0 }
        }
        return passage.end
    }

    /// Looks at the places that the last chunk left open, with the first bytes of this one.
    ///
    /// - Returns: the first byte of the chunk that was not taken.
    private mutating func stitch(_ bytes: Span<UInt8>, from first: Int, base: Int) -> Int {
        let begin = base + first - carry.count
        var joined = carry
        var taken = first
        while taken < bytes.count, joined.count < CarriedBytes.capacity,
            ByteClass.isPlain(Int(bytes[taken]))
        {
            joined.append(bytes[taken])
            taken += 1
        }
        // Only where the chunk is very short may places stay open.
        let isShort = taken == bytes.count && joined.count - carry.count < StartPaths.depth - 1
        var open: Int?
        var held: Int?
        let old = carry.count
        let program = program
        for place in 0..<joined.count {
            if place >= old, open == nil { break }
            let kind = place == 0 ? lastKind : StartFilter.kind(of: joined[place - 1])
            guard program.filter.mayBegin(joined[place], after: kind) else { continue }
            switch program.beginnings.outlook(joined, from: place, after: kind) {
            case .none: continue
            case .open(let node) where isShort && joined.count - place < StartPaths.depth:
                open = open ?? place
                if program.beginnings.holds(node) { held = held ?? place }
            case .open, .likely:
                dropCarry(open ?? place)
                takeCarry()
                return first
            }
        }
        dropCarry(open ?? old)
        guard open != nil else { return first }
        for index in old..<joined.count { carry.append(joined[index]) }
        lastEnd = begin + joined.count
        lastBareEnd = lastEnd
        heldCarry = held.map { begin + $0 }
        return taken
    }

    /// Passes over the first places of those that were left open.
    private mutating func dropCarry(_ count: Int) {
        guard count > 0 else { return }
        lastKind = StartFilter.kind(of: carry[count - 1])
        self.count += count
        carry = carry.dropping(count)
    }

    /// Takes the bytes that were left open, one by one: no plain byte follows.
    mutating func takeCarry() {
        guard !carry.isEmpty else { return }
        let open = carry
        let begin = lastEnd - open.count
        carry = CarriedBytes()
        for index in 0..<open.count { feedPlain(open[index], at: begin + index) }
    }

    private mutating func feedPlain(_ byte: UInt8, at offset: Int) {
        feed(
            ShadowPiece(scalar: UInt32(byte), start: offset, end: offset + 1),
            column: Int(byte)
        )
    }

    private mutating func pass(_ bytes: Span<UInt8>, _ range: Range<Int>, base: Int) {
        guard !range.isEmpty else { return }
        count += range.count
        lastEnd = base + range.upperBound
        lastBareEnd = lastEnd
        lastKind = StartFilter.kind(of: bytes[range.upperBound - 1])
    }
}

/// How far plain text can be passed over.
private struct Passage {
    /// Before this place no match begins.
    let open: Int
    /// From there up to this one it takes what follows to tell.
    let end: Int
    /// The first of these places that text must be held for.
    var held: Int?
}

// Here rather than in the matcher: what belongs to an object that is only looked at is read without
// counting references.
extension SurfaceProgram {
    /// Looks for the first place where a match may begin.
    fileprivate func passage(
        through bytes: Span<UInt8>,
        from first: Int,
        after kind: SymbolKind
    ) -> Passage {
        let stop = filter.search(bytes, from: first, after: kind, beginnings)
        if stop.candidate >= 0 { return Passage(open: stop.candidate, end: stop.candidate) }
        // The last few places have not all their bytes.
        let isEnd = stop.end == bytes.count
        var open: Int?
        var held: Int?
        var kind = kind
        for place in max(first, stop.end - StartPaths.depth + 1)..<stop.end {
            if place > first { kind = StartFilter.kind(of: bytes[place - 1]) }
            guard filter.mayBegin(bytes[place], after: kind) else { continue }
            switch beginnings.outlook(bytes, from: place, after: kind) {
            case .none: continue
            case .open(let node) where isEnd:
                open = open ?? place
                if beginnings.holds(node) { held = held ?? place }
            case .open, .likely: return Passage(open: open ?? place, end: open ?? place)
            }
        }
        return Passage(open: open ?? stop.end, end: stop.end, held: held)
    }
}
