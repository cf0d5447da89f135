import CTextBlocks
import Testing

@testable import PrefRules

@Suite("Where words begin")
struct WordStartTests {
    /// What a block says, read byte by byte.
    private struct Expected {
        var starts: UInt64 = 0
        var plainCount = 0
        var placeCount = 0

        init(_ bytes: [UInt8], afterWord: Bool, signs: Bool) {
            let block = bytes.prefix(StartSets.blockCount).prefix { ByteClass.isPlain(Int($0)) }
            plainCount = block.count
            let goesOn = plainCount == StartSets.blockCount && bytes.count >= plainCount + 4
            placeCount = goesOn ? plainCount : max(0, plainCount - 3)
            var previous = afterWord
            for (index, byte) in block.enumerated() {
                let isWord = SymbolSet.wordCharacters.contains(UInt32(byte))
                let isSign = !isWord && !ByteClass.isSpace(byte)
                if isWord && !previous || signs && isSign { starts |= 1 << UInt64(index) }
                previous = isWord
            }
        }

        /// The bits of the plain bytes.
        var known: UInt64 { plainCount == 64 ? .max : 1 << UInt64(plainCount) - 1 }
    }

    /// Sets of the ways in which patterns begin.
    private func sets(
        words: [String],
        capitals: [String] = [],
        signs: Bool = true,
        mark: UInt8? = nil
    ) throws -> StartSets {
        func paths(_ patterns: [String], ignoringCase: Bool) throws -> [StartPaths] {
            try patterns.map { pattern in
                let node = try PatternParser.parse(pattern, ignoringCase: ignoringCase)
                return StartPaths(try NFA(node, limit: NFA.regexLimit))
            }
        }
        return StartSets(
            words: try paths(words, ignoringCase: true),
            capitals: try paths(capitals, ignoringCase: false),
            signs: signs,
            mark: mark
        )
    }

    @Test("every byte at every place is what it is")
    func everyByte() throws {
        let sets = try sets(words: [])
        for byte in UInt8.min...UInt8.max {
            for place in [0, 7, 15, 16, 40, 63] {
                var bytes = [UInt8](repeating: 0x20, count: 100)
                bytes[place] = byte
                let expected = Expected(bytes, afterWord: false, signs: true)
                let block = sets.look(bytes.span, from: 0, afterWord: false)
                #expect(block.plain_count == expected.plainCount, "\(byte) at \(place)")
                #expect(block.starts & expected.known == expected.starts, "\(byte) at \(place)")
                #expect(block.hits == 0)
            }
        }
    }

    @Test("random blocks of any length are read as byte by byte, up to what is not plain")
    func randomBlocks() throws {
        var generator = SplitMix64(state: 22)
        let withSigns = try sets(words: [], mark: 0x7e)
        let without = try sets(words: [], signs: false, mark: 0x7e)
        for _ in 0..<6000 {
            let count = Int.random(in: 1...100, using: &generator)
            let rare = Int.random(in: 1...200, using: &generator)
            let bytes = (0..<count).map { _ in
                UInt8.random(
                    in: Int.random(in: 0..<rare, using: &generator) == 0 ? 0...255 : 0x2c...0x5b,
                    using: &generator
                )
            }
            let afterWord = Bool.random(using: &generator)
            let signs = Bool.random(using: &generator)
            let block = (signs ? withSigns : without)
                .look(bytes.span, from: 0, afterWord: afterWord)
            let expected = Expected(bytes, afterWord: afterWord, signs: signs)
            #expect(block.plain_count == expected.plainCount)
            #expect(block.place_count == expected.placeCount)
            #expect(block.starts & expected.known == expected.starts)
            // It may say yes for what lies behind.
            let isThere = bytes.prefix(expected.placeCount + 3).contains(0x7e)
            #expect(!isThere || block.has_mark)
            #expect(block.has_mark == bytes.prefix(80).contains(0x7e))
        }
    }

    @Test("what rules may begin with is found at every place that has its bytes, and little else")
    func hits() throws {
        let sets = try sets(
            words: ["\\bkey-[a-z]", "--cut", "\\b[a-z]\\d\\s[a-z]"],
            capitals: ["\\b[A-Z]{2}\\d\\d"]
        )
        for (text, isFound) in [
            ("key-a", true), ("KEY-", true), ("--cu", true), ("a7\na", true), ("Z0 z", true),
            ("AB12", true), ("ab12", false), ("kex-", false), ("-cut", false), ("ab c", false),
        ] {
            for place in 0..<90 {
                let before = String(repeating: "a. ", count: 30).prefix(place - place % 3)
                let bytes = Array("\(before)\(text) and more of it".utf8)
                var found: [Int] = []
                var first = 0
                while true {
                    let block = sets.look(bytes.span, from: first, afterWord: false)
                    for index in 0..<64 where block.hits >> UInt64(index) & 1 != 0 {
                        found.append(first + index)
                    }
                    guard block.place_count == StartSets.blockCount else { break }
                    first += block.place_count
                }
                #expect(found == (isFound ? [place - place % 3] : []), "\(text) at \(place)")
            }
        }
    }

    @Test("long texts are matched as short ones are, wherever the match lies in a block")
    func places() throws {
        let rules = try ruleSet(
            rule("w", "{ regex: '\\bkey-[a-z]{6}\\b' }", action: "{ redact: X }")
                + rule("d", "{ literal: ['--cut--'] }", action: "{ redact: Y }")
                + rule(
                    "c",
                    "{ regex: '\\b[A-Z]{4}\\d{2}\\b' }",
                    action: "{ redact: Z }",
                    more: "case: sensitive"
                )
        )
        // It begins in the midst of a word, and only blocks with its mark are looked through.
        let within = try ruleSet(rule("m", "{ regex: '\\dQ~[a-z]{4}' }", action: "{ redact: X }"))
        for place in 0..<140 {
            let before = String(String(repeating: "a b. ", count: 28).prefix(place))
            let after = String(repeating: " some words", count: 20)
            #expect(within.enforce("\(before)ab8Q~cdef.\(after)") == "\(before)abX.\(after)")
        }
        for place in 0..<140 {
            for (text, result) in [("key-abcdef", "X"), ("--cut--", "Y"), ("ABCD12", "Z")] {
                let before = String(String(repeating: "a b. ", count: 28).prefix(place))
                let after = String(repeating: " some words", count: 20)
                for behind in ["", "—", "\\"] {
                    let whole = "\(before) \(text)\(behind)\(after)"
                    let wanted = "\(before) \(result)\(behind)\(after)"
                    #expect(rules.enforce(whole) == wanted)
                    #expect(rules.enforce(whole, cuts: [64, 67, 130]) == wanted)
                }
            }
        }
    }
}
