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
        // Once for all: each look through `program` would count references anew.
        let beginnings = program.beginnings
        let stop = program.filter.search(bytes, from: first, after: lastKind, beginnings)
        if stop.candidate >= 0 {
            pass(bytes, first..<stop.candidate, base: base)
            return stop.candidate
        }
        // The last few places have not all their bytes.
        let isEnd = stop.end == bytes.count
        var open: Int?
        var kind = lastKind
        for place in max(first, stop.end - StartPaths.depth + 1)..<stop.end {
            if place > first { kind = StartFilter.kind(of: bytes[place - 1]) }
            switch beginnings.outlook(bytes, from: place, after: kind) {
            case .none: continue
            case .open where isEnd: open = open ?? place
            case .open, .likely:
                pass(bytes, first..<(open ?? place), base: base)
                return open ?? place
            }
        }
        pass(bytes, first..<(open ?? stop.end), base: base)
        if let open {
            for index in open..<stop.end { carry.append(bytes[index]) }
            lastEnd = base + stop.end
            lastBareEnd = lastEnd
        }
        return stop.end
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
        let old = carry.count
        let beginnings = program.beginnings
        for place in 0..<joined.count {
            if place >= old, open == nil { break }
            let kind = place == 0 ? lastKind : StartFilter.kind(of: joined[place - 1])
            switch beginnings.outlook(joined, from: place, after: kind) {
            case .none: continue
            case .open where isShort && joined.count - place < StartPaths.depth:
                open = open ?? place
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

    /// Where the oldest of the open places is that text must be held for.
    var heldCarry: Int? {
        let beginnings = program.beginnings
        var kind = lastKind
        for place in 0..<carry.count {
            var node = beginnings.start(after: kind)
            var holds = true
            for index in place..<carry.count {
                let entry = beginnings.entry(node, Int(carry[index]))
                // Rules that come through may hold; they are looked at in the general way.
                if entry.bits == 0 { holds = false }
                if entry.bits & 7 != 0 || entry.bits == 0 { break }
                node = entry.node
                holds = beginnings.holds(node)
            }
            if holds { return lastEnd - carry.count + place }
            kind = StartFilter.kind(of: carry[place])
        }
        return nil
    }
}
