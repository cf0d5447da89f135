import Testing

@testable import PrefRules

@Suite("Holding and deciding")
struct ScannerTests {
    @Test("text that cannot begin a match leaves at once, and only a possible beginning is held")
    func holdsExactly() throws {
        let rules = try ruleSet(
            rule("key", "{ regex: '\\bsk-[a-z0-9]{8}\\b' }")
                + rule("word", "{ literal: [forbidden] }")
        )
        var scanner = rules.scanner(for: .output)
        func decided(_ text: String) -> Int {
            scanner.feed(text)
            return scanner.decidedOffset
        }
        #expect(decided("plain text ") == 11)
        #expect(decided("s") == 11)
        #expect(decided("k") == 11)
        #expect(decided("i boots ") == 21)
        #expect(decided("for") == 21)
        #expect(decided("get it: sk-abc") == 32)
        #expect(decided("d1234") == 32)
        #expect(scanner.takeVerdicts() == [])
        #expect(decided(" ") == 44)
        #expect(scanner.takeVerdicts().map(\.range) == [32..<43])
        scanner.finish()
        #expect(scanner.decidedOffset == 44)
    }

    @Test("a match that no rule ends early is decided when the text ends")
    func endOfText() throws {
        let rules = try ruleSet(rule("r", "{ regex: 'ab+' }", action: "{ redact: X }"))
        #expect(rules.enforce("xxabbb") == "xxX")
        #expect(rules.enforce("") == "")
        let anchored = try ruleSet(rule("r", "{ regex: 'ab$' }", action: "{ redact: X }"))
        #expect(anchored.enforce("ab ab") == "ab X")
    }

    @Test("overlapping matches are one verdict of the strictest action")
    func overlaps() throws {
        let rules = try ruleSet(
            rule("c", "{ literal: [three four] }", action: "{ replace: R }")
                + rule("b", "{ literal: [two three] }", action: "{ redact: X }")
                + rule("a", "{ literal: [one] }", action: "{ redact: Y }")
        )
        let verdicts = rules.scan(Array("one two three four".utf8)).verdicts
        #expect(verdicts.map(\.range) == [0..<3, 4..<18])
        #expect(verdicts.map(\.action) == [.redact("Y"), .redact("X")])
        #expect(verdicts.map(\.ruleIDs) == [["a"], ["b", "c"]])
        let block = try ruleSet(
            rule("r", "{ literal: [one two] }") + rule("b", "{ literal: [two] }", action: "block")
        )
        let blocked = block.scan(Array("one two".utf8)).verdicts
        #expect(blocked == [Verdict(range: 0..<7, action: .block, ruleIDs: ["b", "r"])])
    }

    @Test("matches that change nothing hold nothing and do not widen those that do")
    func flagsAndAppends() throws {
        let rules = try ruleSet(
            rule("f", "{ regex: 'the .* end' }", action: "flag")
                + rule("a", "{ literal: [help] }", action: "{ append: '!' }")
                + rule("x", "{ literal: [secret] }", action: "{ redact: X }")
        )
        #expect(rules.enforce("the secret help help end") == "the X help help end!")
        var scanner = rules.scanner(for: .output)
        scanner.feed("the hel")
        #expect(scanner.decidedOffset == 7)
    }

    @Test("matches that touch stay apart, those of one rule that overlap are one")
    func touching() throws {
        let rules = try ruleSet(rule("r", "{ literal: [aba] }", action: "{ redact: X }"))
        #expect(rules.enforce("abaaba ababa") == "XX X")
    }

    @Test("rules act only on their surfaces")
    func surfaces() throws {
        let rules = try ruleSet(
            rule("r", "{ literal: [abc] }", action: "{ redact: X }", more: "where: [reasoning]")
        )
        #expect(rules.enforce("abc", surface: .output) == "abc")
        #expect(rules.enforce("abc", surface: .reasoning) == "X")
    }

    @Test("decisions do not depend on how the text is cut")
    func randomCuts() throws {
        let rules = try ruleSet(
            rule("n", "{ regex: '\\b\\d(?:[ -]?\\d){5,18}\\b' }", more: "validate: [luhn]")
                + rule("w", "{ regex: '\\b(?:se|кот|猫)[a-z]{0,4}t\\b' }", action: "block")
                + rule("l", "{ literal: ['a-b', 'b-c-d', 'ß'] }", action: "{ replace: R }")
                + rule("f", "{ regex: '(?s)<<.*>>' }", action: "flag")
                + rule("e", "{ regex: 'a[^z]{2,9}z' }")
        )
        let parts = [
            "a", "b", "-", "c", "d", "z", " ", "4", "12", "0", "79927398713", "secret", "set",
            "кот",
            "猫t", "é", "e\u{301}", "\u{200B}", "\\u0061", "\\", "ß", "ﬁ", "<<", ">>", "\n", "😀",
            "١", "%61", "%", "&#98;", "&", "&#", ";", "\\x61",
        ]
        var generator = SplitMix64(state: 3)
        for _ in 0..<250 {
            let text = (0..<Int.random(in: 1...25, using: &generator))
                .map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
            let bytes = Array(text.utf8)
            let surface = TextSurface.allCases.randomElement(using: &generator) ?? .output
            let whole = rules.scan(bytes, surface: surface).verdicts
            for cut in 0...bytes.count {
                let split = rules.scan(bytes, surface: surface, cuts: [cut]).verdicts
                #expect(split == whole, "\(text.debugDescription) cut at \(cut)")
            }
            for _ in 0..<5 {
                let cuts = (0..<6).map { _ in Int.random(in: 0...bytes.count, using: &generator) }
                let split = rules.scan(bytes, surface: surface, cuts: cuts).verdicts
                #expect(split == whole, "\(text.debugDescription) cut at \(cuts)")
            }
            let single = rules.scan(bytes, surface: surface, cuts: Array(0..<bytes.count))
            #expect(single.verdicts == whole, "\(text.debugDescription) byte by byte")
        }
    }

    @Test("streams that meet rules for the first time at once decide as one stream does")
    func sharedStates() async throws {
        let detect = "{ regex: '(?:[a-d]+[.-]?)+@(?:[a-d]+[.]?)+[ad]{2,5}' }"
        let pack =
            rule("e", detect) + rule("w", "{ literal: [abcd, bcda, 'c-d'] }", action: "block")
        var generator = SplitMix64(state: 11)
        let texts = (0..<40).map { _ in
            (0..<200).map { _ in "abcd.-@ ".randomElement(using: &generator) ?? "a" }
                .map(String.init).joined()
        }
        let expected = try texts.map { text in
            try ruleSet(pack).scan(Array(text.utf8)).verdicts
        }
        let shared = try ruleSet(pack)
        await withTaskGroup(of: [[Verdict]].self) { group in
            for _ in 0..<4 {
                group.addTask { texts.map { shared.scan(Array($0.utf8)).verdicts } }
            }
            for await verdicts in group { #expect(verdicts == expected) }
        }
    }

    @Test("what is held is bounded, however long a match or a run of invisible characters is")
    func boundedHold() throws {
        let rules = try ruleSet(
            rule("r", "{ regex: 'x[^y]*y' }") + rule("l", "{ literal: [zzz] }")
        )
        for filler in ["a", "\u{200B}", "e\u{301}", "a\u{200B}\u{200C}"] {
            var scanner = rules.scanner(for: .output)
            var fed = 0
            var most = 0
            scanner.feed("zx")
            fed += 2
            for _ in 0..<40_000 {
                scanner.feed(filler)
                fed += filler.utf8.count
                most = max(most, fed - scanner.decidedOffset)
            }
            #expect(most <= TextScanner.greatestHoldBytes, "\(filler.debugDescription)")
            scanner.finish()
            #expect(scanner.decidedOffset == fed)
        }
    }

    @Test("many starts at once stay linear")
    func adversarial() throws {
        let rules = try ruleSet(
            rule("a", "{ regex: '(?:a|aa)+b' }") + rule("n", "{ regex: 'a{1,300}c' }")
                + rule("v", "{ regex: 'a{2,200}' }", more: "validate: [entropy]")
        )
        let clock = ContinuousClock()
        func time(_ count: Int) -> Duration {
            let bytes = [UInt8](repeating: 0x61, count: count)
            return clock.measure {
                var scanner = rules.scanner(for: .output)
                scanner.feed(bytes.span)
                scanner.finish()
                #expect(scanner.takeVerdicts() == [])
            }
        }
        _ = time(500)
        let short = time(1500)
        let long = time(6000)
        #expect(long < short * 12, "\(short) for 1500 bytes, \(long) for 6000")
    }
}
