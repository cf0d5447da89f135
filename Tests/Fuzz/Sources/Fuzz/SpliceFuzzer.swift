@testable import ChatWire

/// Splices in any order and overlapping in any way: nothing that one of them removes survives, and
/// everything else does, in order.
enum SpliceFuzzer {
    static func check(_ bytes: [UInt8]) {
        // Three bytes make a splice: where, how long, how much is put there.
        let count = Int(bytes.first ?? 0)
        var splices: [Splice] = []
        var rest = bytes.dropFirst()
        while rest.count >= 3 {
            let start = Int(rest.removeFirst())
            let length = Int(rest.removeFirst() % 16)
            let inserted = Int(rest.removeFirst() % 4)
            splices.append(Splice(start..<start + length, Array(repeating: 0xFF, count: inserted)))
        }
        let text = (0..<count).map { UInt8($0 % 0x80) }
        let changed = Splice.apply(splices, to: text.span)
        var isKept = [Bool](repeating: true, count: count)
        for splice in splices {
            for offset in splice.range where offset < count { isKept[offset] = false }
        }
        let kept = text.indices.filter { isKept[$0] }.map { text[$0] }
        require(changed.filter { $0 != 0xFF } == kept, "other bytes are left than should be")

        let ordered = Splice.ordered(splices)
        require(Splice.ordered(ordered) == ordered, "what is ordered is ordered again")
        for (one, next) in zip(ordered, ordered.dropFirst()) {
            require(one.range.upperBound <= next.range.lowerBound, "ordered splices overlap")
        }
        if splices.allSatisfy({ $0.range.upperBound <= count }) {
            require(
                Splice.length(splices, of: count) == changed.count,
                "the length was not foretold"
            )
        }
    }
}
