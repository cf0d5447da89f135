import Testing

@testable import PrefRules

@Suite("Where words begin")
struct WordStartTests {
    /// The same, byte by byte.
    private func expected(_ bytes: [UInt8], afterWord: Bool, signs: Bool) -> UInt64 {
        var starts: UInt64 = 0
        var previous = afterWord
        for (index, byte) in bytes.enumerated() {
            let isWord = SymbolSet.wordCharacters.contains(UInt32(byte))
            let isSign = !isWord && !(0x09...0x0d).contains(byte) && byte != 0x20
            if isWord && !previous || signs && isSign { starts |= 1 << UInt64(index) }
            previous = isWord
        }
        return starts
    }

    private func found(_ bytes: [UInt8], afterWord: Bool, signs: Bool) -> WordStarts {
        // Safe: all bytes are there.
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe WordStarts(
                bytes.baseAddress.unsafelyUnwrapped,
                count: bytes.count,
                afterWord: afterWord,
                signs: signs
            )
        }
    }

    @Test("every byte at every place of eight is what it is")
    func everyByte() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<8 {
                var bytes = [UInt8](repeating: 0x20, count: WordStarts.blockCount)
                bytes[place] = byte
                let block = found(bytes, afterWord: false, signs: true)
                let isPlain = ByteClass.isPlain(Int(byte))
                #expect(block.plainCount == (isPlain ? 64 : place), "\(byte) at \(place)")
                guard isPlain else { continue }
                #expect(block.starts == expected(bytes, afterWord: false, signs: true))
            }
        }
    }

    @Test("random blocks are read as byte by byte")
    func randomBlocks() {
        var generator = SplitMix64(state: 21)
        let plain = (UInt8(0)..<0x80).filter { ByteClass.isPlain(Int($0)) }
        for _ in 0..<2000 {
            let bytes = (0..<WordStarts.blockCount).map { _ in
                Bool.random(using: &generator)
                    ? plain.randomElement(using: &generator) ?? 0x20
                    : UInt8.random(in: 0x5e...0x7b, using: &generator)
            }.map { ByteClass.isPlain(Int($0)) ? $0 : 0x2d }
            let afterWord = Bool.random(using: &generator)
            let signs = Bool.random(using: &generator)
            let block = found(bytes, afterWord: afterWord, signs: signs)
            #expect(block.plainCount == WordStarts.blockCount)
            #expect(block.starts == expected(bytes, afterWord: afterWord, signs: signs))
        }
    }

    @Test("short blocks are read as byte by byte, up to what is not plain")
    func shortBlocks() {
        var generator = SplitMix64(state: 22)
        for _ in 0..<4000 {
            let count = Int.random(in: 1...80, using: &generator)
            let bytes = (0..<count).map { _ in
                UInt8.random(
                    in: Int.random(in: 0..<8, using: &generator) == 0 ? 0...255 : 0x2c...0x7a,
                    using: &generator
                )
            }
            let plain = bytes.prefix(WordStarts.blockCount).prefix { ByteClass.isPlain(Int($0)) }
            let block = found(bytes, afterWord: true, signs: true)
            #expect(block.plainCount == plain.count)
            let known: UInt64 = plain.count == 64 ? .max : 1 << UInt64(plain.count) - 1
            let expected = expected(Array(plain), afterWord: true, signs: true)
            #expect(block.starts & known == expected)
            let wanted = UInt8.random(in: 0x2c...0x7a, using: &generator)
            let isThere = unsafe bytes.withUnsafeBufferPointer { bytes in
                // Safe: all bytes are there.
                unsafe WordStarts.contains(
                    bytes.baseAddress.unsafelyUnwrapped,
                    count: min(count, 64),
                    wanted
                )
            }
            #expect(isThere == bytes.prefix(64).contains(wanted))
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
