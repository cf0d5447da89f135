/// All terms at once, walked byte by byte from wherever a term may begin.
///
/// The nodes stand breadth first, so that a node's children are neighbours and the first steps of all
/// walks share a few cache lines.
struct TermTrie: Sendable {
    /// The byte that leads into a node.
    private let labels: [UInt8]
    /// Where a node's children begin; they end where the next node's begin.
    private let firstChild: [UInt32]
    /// Which term ends at a node; -1 for none.
    private let terms: [Int32]
    /// The root's children by byte; 0 for none.
    private let roots: [UInt32]

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
        self.labels = labels
        self.firstChild = firstChild
        self.terms = terms
        self.roots = roots
    }

    /// Whether no term is in it.
    var isEmpty: Bool { labels.count == 1 }

    /// Calls `visit` with each term that begins at an offset, and the offset behind it, the shortest
    /// first.
    @inline(__always)
    func walk(_ bytes: [UInt8], from start: Int, _ visit: (Int, Int) -> Void) {
        guard start < bytes.count else { return }
        var node = Int(roots[Int(bytes[start])])
        var offset = start + 1
        while node != 0 {
            let term = terms[node]
            if term >= 0 { visit(Int(term), offset) }
            guard offset < bytes.count else { return }
            let byte = bytes[offset]
            var child = Int(firstChild[node])
            let end = Int(firstChild[node + 1])
            while child < end, labels[child] != byte { child += 1 }
            node = child < end ? child : 0
            offset += 1
        }
    }
}
