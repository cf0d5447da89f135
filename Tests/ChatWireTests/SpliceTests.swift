import TestSupport
import Testing

@testable import ChatWire

@Suite("Splices")
struct SpliceTests {
    @Test("Everything outside the ranges stays, in order, and the length is known before")
    func identity() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<1000 {
            let text = (0..<Int.random(in: 0..<60, using: &random)).map { UInt8($0) }
            var splices: [Splice] = []
            var expected: [UInt8] = []
            var position = 0
            while position <= text.count {
                let start = position + Int.random(in: 0...8, using: &random)
                guard start <= text.count else { break }
                let end = min(text.count, start + Int.random(in: 0...4, using: &random))
                let bytes = [UInt8](
                    repeating: 0xFF,
                    count: Int.random(in: 0...3, using: &random)
                )
                splices.append(Splice(start..<end, bytes))
                expected += text[position..<start] + bytes
                position = max(end, start)
                if start == end { break }
            }
            expected += text[min(position, text.count)...]
            #expect(Splice.apply(splices, to: text.span) == expected)
            #expect(Splice.apply(splices.reversed(), to: text.span) == expected)
            #expect(Splice.length(splices, of: text.count) == expected.count)
        }
    }

    @Test("No splices: the same bytes")
    func none() {
        #expect(apply([], to: "as it was") == "as it was")
        #expect(Splice.pieces([], of: 4) == [.original(0..<4)])
    }

    @Test("Insertions at one offset keep their order and stand before what is replaced there")
    func insertions() {
        let splices = [
            Splice(2..<4, [0x52]), Splice(at: 2, [0x31]), Splice(at: 2, [0x32]),
            Splice(at: 4, [0x45]),
        ]
        #expect(apply(splices, to: "abcdef") == "ab12REef")
    }

    @Test("A splice inside another's range is dropped; overlapping ones remove both ranges")
    func overlaps() {
        #expect(apply([Splice(3..<4, [0x78]), Splice(1..<5, [0x52])], to: "abcdef") == "aRf")
        #expect(apply([Splice(1..<3, [0x31]), Splice(2..<5, [0x32])], to: "abcdef") == "a12f")
    }

    @Test("A shifted splice means the same bytes in a longer text")
    func shifting() {
        #expect(apply([Splice(1..<2, [0x58]).shifted(by: 3)], to: "---abc") == "---aXc")
    }
}
