/// All terms at once, walked byte by byte from wherever a term may begin.
///
/// The nodes stand breadth first, so that a node's children are neighbours and the first steps of all
/// walks share a few cache lines.
struct TermTrie: Sendable {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The byte that leads into a node, and eight bytes behind the last, so that eight can be read at
    /// any.
    private let labels: [UInt8]
    /// Where a node's children begin; they end where the next node's begin.
    private let firstChild: [UInt32]
    /// Which term ends at a node; -1 for none.
    private let terms: [Int32]
    /// The root's children by byte; 0 for none.
    private let roots: [UInt32]
    private let beginnings: Beginnings

    /// Builds a trie.
    ///
    /// - Parameter keys: the terms' bytes, each once; a term is known by its place here.
    init(_ keys: [[UInt8]]) {
        let order = keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
        var labels: [UInt8] = [0]
        var firstChild: [UInt32] = []
        var terms: [Int32] = [-1]
        // Each node is a run of the sorted keys that share a beginning.
        var queue: [(range: Range<Int>, depth: Int)] = [(order.indices, 0)]
        var next = 0
        while next < queue.count {
            let (range, depth) = queue[next]
            var start = range.lowerBound
            if start < range.upperBound, keys[order[start]].count == depth {
                terms[next] = Int32(order[start])
                start += 1
            }
            firstChild.append(UInt32(queue.count))
            while start < range.upperBound {
                let byte = keys[order[start]][depth]
                var end = start + 1
                while end < range.upperBound, keys[order[end]][depth] == byte { end += 1 }
                queue.append((start..<end, depth + 1))
                labels.append(byte)
                terms.append(-1)
                start = end
            }
            next += 1
        }
        firstChild.append(UInt32(queue.count))
        var roots = [UInt32](repeating: 0, count: 256)
        for child in Int(firstChild[0])..<Int(firstChild[1]) {
            roots[Int(labels[child])] = UInt32(child)
        }
        isEmpty = labels.count == 1
        self.labels = labels + [UInt8](repeating: 0, count: 8)
        self.firstChild = firstChild
        self.terms = terms
        self.roots = roots
        beginnings = Beginnings(keys)
    }

    /// Whether no term is in it.
    let isEmpty: Bool

    /// Calls `visit` with each term that begins at an offset, and the offset behind it, the shortest
    /// first.
    @inline(__always)
    func walk(_ bytes: Span<UInt8>, from start: Int, _ visit: (Int, Int) -> Void) {
        guard start < bytes.count, beginnings.mayHold(bytes, at: start) else { return }
        let (labels, firstChild, terms) = (labels.span, firstChild.span, terms.span)
        var node = Int(roots[Int(bytes[start])])
        var offset = start + 1
        while node != 0 {
            let term = terms[node]
            if term >= 0 { visit(Int(term), offset) }
            guard offset < bytes.count else { return }
            let children = Int(firstChild[node])..<Int(firstChild[node + 1])
            node = Self.first(bytes[offset], in: labels, children) ?? 0
            offset += 1
        }
    }

    /// The child that a byte leads into: eight are looked at at a time, since near the root a node has
    /// dozens.
    @inline(__always)
    private static func first(_ byte: UInt8, in labels: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var offset = range.lowerBound
        while offset < range.upperBound {
            // Bounds-checked; any eight bytes are a UInt64.
            let labels = unsafe labels.bytes.unsafeLoadUnaligned(
                fromByteOffset: offset,
                as: UInt64.self
            )
            let difference = UInt64(littleEndian: labels) ^ (ones &* UInt64(byte))
            let hits = (difference &- ones) & ~difference & highs
            if hits != 0 {
                let found = offset + hits.trailingZeroBitCount / 8
                return found < range.upperBound ? found : nil
            }
            offset += 8
        }
        return nil
    }
}

/// Tells most words that begin no term from those that may, without a walk.
private struct Beginnings: Sendable {
    /// A bit for each hash of how a term begins.
    private let bits: [UInt64]

    /// Masks the first five bytes of a term, which is how it is known.
    private static let long: UInt64 = 0xff_ffff_ffff
    /// The first three, for terms that are shorter than five.
    private static let short: UInt64 = 0xff_ffff

    init(_ keys: [[UInt8]]) {
        var bits = [UInt64](repeating: 0, count: 1 << 10)
        func mark(_ beginning: UInt64) {
            let hash = Self.hash(beginning)
            bits[hash >> 6] |= 1 << UInt64(hash & 63)
        }
        for key in keys {
            let beginning = key.prefix(5).reversed().reduce(0) { $0 << 8 | UInt64($1) }
            switch key.count {
            case 5...: mark(beginning)
            case 3, 4: mark(beginning & Self.short)
            default: for third in 0...255 as ClosedRange<UInt64> { mark(beginning | third << 16) }
            }
        }
        self.bits = bits
    }

    /// Whether a term may begin at an offset; false only where none does.
    @inline(__always)
    func mayHold(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        guard start + 8 <= bytes.count else { return true }
        // Bounds-checked; any eight bytes are a UInt64.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
        let eight = UInt64(littleEndian: word)
        return has(eight & Self.long) || has(eight & Self.short)
    }

    @inline(__always)
    private func has(_ beginning: UInt64) -> Bool {
        let hash = Self.hash(beginning)
        return bits.span[hash >> 6] & 1 << UInt64(hash & 63) != 0
    }

    /// Sixteen bits (Fibonacci hashing).
    @inline(__always)
    private static func hash(_ beginning: UInt64) -> Int {
        Int((beginning &* 0x9e37_79b9_7f4a_7c15) >> 48)
    }
}
