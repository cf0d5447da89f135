import TestSupport
import Testing

@testable import ChatWire

@Suite("JSON strings")
struct JSONStringTests {
    private func contents(_ raw: [UInt8]) -> JSONStringRange {
        JSONString.scan(([0x22] + raw + [0x22]).span, at: 0)
    }

    @Test("Decoding reads every spelling of every character")
    func decoding() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<2000 {
            let (raw, decoded) = JSONGenerator.string(&random)
            let text = Array(("\"" + raw + "\"").utf8)
            let string = JSONString.scan(text.span, at: 0)
            #expect(string.contents == 1..<text.count - 1)
            #expect(string.hasEscapes == raw.contains("\\"))
            #expect(JSONString.decoded(text.span, string).utf8.elementsEqual(decoded.utf8))
        }
    }

    @Test("What is encoded decodes to itself, and is valid")
    func encoding() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<1000 {
            let decoded = JSONGenerator.string(&random).decoded
            let text = [0x22] + JSONString.encoded(decoded) + [0x22]
            try JSON.validate(text.span)
            #expect(JSONString.decoded(text.span, JSONString.scan(text.span, at: 0)) == decoded)
        }
        #expect(
            JSONString.encoded("a\"b\\\u{8}\u{9}\n\u{C}\r\u{1}é").text
                == #"a\"b\\\b\t\n\f\r\u0001é"#
        )
    }

    @Test(
        "Surrogates pair up only with the right partner",
        arguments: [
            (#"\ud83d\ude00"#, "😀"), (#"\ud83d"#, "\u{FFFD}"),
            (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"),
            (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"), (#"\ud83dx\ude00"#, "\u{FFFD}x\u{FFFD}"),
            (#"\ud83d\n"#, "\u{FFFD}\n"), (#"\uD83D\uDE00!"#, "😀!"),
        ]
    )
    func surrogates(raw: String, decoded: String) {
        let text = Array(("\"" + raw + "\"").utf8)
        #expect(JSONString.decoded(text.span, JSONString.scan(text.span, at: 0)) == decoded)
    }

    @Test("Keys are compared unescaped")
    func keys() {
        let text = Array(#"{"mess\u0061ges":1,"messages":2,"messageſ":3,"message":4}"#.utf8)
        var members = JSONMembers(objectAt: 0)
        var verdicts: [Bool] = []
        while let member = members.next(in: text.span) {
            verdicts.append(member.isNamed("messages", text.span))
        }
        #expect(verdicts == [true, true, false, false])
        #expect(members.end == text.count)
    }

    @Test("A range of the decoded text maps to exactly the raw bytes that spell it")
    func mapping() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<600 {
            let units = JSONGenerator.units(&random, count: Int.random(in: 1..<12, using: &random))
            let text = Array(("\"" + units.map(\.raw).joined() + "\"").utf8)
            let string = JSONString.scan(text.span, at: 0)
            var rawOffsets = [1]
            var offsets = [0]
            for unit in units {
                rawOffsets.append(rawOffsets[rawOffsets.count - 1] + unit.raw.utf8.count)
                offsets.append(offsets[offsets.count - 1] + unit.decoded.utf8.count)
            }
            var ascending = JSONStringMap(string)
            for low in units.indices {
                for high in low...units.count {
                    let expected = rawOffsets[low]..<rawOffsets[high]
                    let range = offsets[low]..<offsets[high]
                    var fresh = JSONStringMap(string)
                    #expect(fresh.raw(range, in: text.span) == expected)
                    // One cursor for all ranges, also where they go back.
                    #expect(ascending.raw(range, in: text.span) == expected)
                }
            }
        }
    }

    @Test("A range that begins or ends inside a character grows to hold it")
    func mappingInside() {
        let text = Array(#""a\ud83d\ude00é\u00e9z""#.utf8)
        let string = JSONString.scan(text.span, at: 0)
        // Decoded: a, four bytes, two, two, z.
        let cases: [(Range<Int>, Range<Int>)] = [
            (2..<3, 2..<14), (0..<2, 1..<14), (4..<6, 2..<16), (6..<7, 14..<16), (7..<8, 16..<22),
            (8..<9, 16..<22), (9..<10, 22..<23), (10..<10, 23..<23), (3..<3, 2..<2),
            (0..<10, 1..<23),
        ]
        for (decoded, raw) in cases {
            var map = JSONStringMap(string)
            #expect(map.raw(decoded, in: text.span) == raw)
        }
    }

    // A pass for each range would take hours.
    @Test("Mapping many ranges of a long string takes one pass", .timeLimit(.minutes(10)))
    func mappingIsLinear() {
        let pieces = 400_000
        let text = Array(("\"" + String(repeating: #"ab\n"#, count: pieces) + "\"").utf8)
        var map = JSONStringMap(JSONString.scan(text.span, at: 0))
        let isRight = (0..<pieces).allSatisfy { index in
            map.raw(index * 3 + 2..<index * 3 + 3, in: text.span).count == 2
        }
        #expect(isRight)
    }
}
