import Testing

@testable import PrefRules

@Suite("The packs that prefd ships with")
struct BuiltInPackTests {
    @Test("load, and every rule passes its own cases on every surface")
    func casesPass() throws {
        let rules = try RuleSet.builtIn()
        #expect(rules.runCases().map(\.description) == [])
        for rule in rules.rules {
            #expect(!rule.matchCases.isEmpty && !rule.passCases.isEmpty, "\(rule.id)")
            #expect(rule.source != nil, "\(rule.id)")
        }
    }

    @Test("cover at least twenty kinds of credentials, cards, IBANs and crisis lines")
    func coverage() throws {
        let rules = try RuleSet.builtIn().rules
        #expect(rules.filter { $0.pack == "credentials" }.count >= 20)
        #expect(rules.contains { $0.id == "payment-card" })
        #expect(rules.contains { $0.id == "iban" })
        #expect(rules.contains { $0.id == "crisis-line" })
    }

    @Test("their rules decide alike for every place of one cut, and one byte at a time")
    func chunkInvariance() throws {
        let rules = try RuleSet.builtIn()
        for rule in rules.rules {
            for text in rule.matchCases + rule.passCases {
                let bytes = Array(("a " + text + " b.").utf8)
                for surface in rule.surfaces {
                    let whole = rules.scan(bytes, surface: surface)
                    let step = max(1, bytes.count / 40)
                    for cut in stride(from: 0, to: bytes.count, by: step) {
                        let split = rules.scan(bytes, surface: surface, cuts: [cut])
                        #expect(split.verdicts == whole.verdicts, "\(rule.id) cut at \(cut)")
                    }
                    let single = rules.scan(bytes, surface: surface, cuts: Array(0..<bytes.count))
                    #expect(single.verdicts == whole.verdicts, "\(rule.id), byte by byte")
                }
            }
        }
    }

    @Test("hold nothing after nine of ten words of ordinary prose, and little after the others")
    func proseIsNotHeld() throws {
        let rules = try RuleSet.builtIn()
        let prose = """
            The city lies on both banks of the river. It was founded in 1204, had 35,000 people \
            by 1600, and lost half of them in the war; its cathedral took 98 years to build. \
            Modern visitors like the market (open 8:00-14:00), where you may want to try the \
            cheese. I'd go there early — before the crowds come. “Don't miss it”, as they say.

            """
        let bytes = Array(String(repeating: prose, count: 20).utf8)
        // Cut before every space, as models stream words.
        let cuts = bytes.indices.filter { bytes[$0] == 0x20 }
        let scan = rules.scan(bytes, cuts: cuts)
        #expect(scan.verdicts == [])
        let held = zip(cuts, scan.decided).filter { $0 > $1 }.count
        #expect(Double(held) / Double(cuts.count) < 0.1, "\(held) of \(cuts.count) chunks held")
        let most = zip(cuts, scan.decided).map { $0 - $1 }.max() ?? 0
        #expect(most <= 12, "\(most) bytes held")
    }
}
