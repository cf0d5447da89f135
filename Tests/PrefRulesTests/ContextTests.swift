import Testing

@testable import PrefRules

@Suite("Matches behind a context")
struct ContextTests {
    private func rules(_ pattern: String, more: String = "") throws -> RuleSet {
        try ruleSet(
            rule("r", "{ regex: '\(pattern)' }", action: "{ redact: X }", more: more)
        )
    }

    @Test("what stands before \\K is neither held nor removed")
    func context() throws {
        let rules = try rules("\\bkey: \\K[a-z]{4,8}\\b")
        #expect(rules.enforce("the key: secret.") == "the key: X.")
        var scanner = rules.scanner(for: .output)
        scanner.feed("the key: ")
        #expect(scanner.decidedOffset == 9)
        scanner.feed("se")
        #expect(scanner.decidedOffset == 9)
        scanner.feed("cret.")
        #expect(scanner.takeVerdicts().map(\.range) == [9..<15])
    }

    @Test("decisions do not depend on how the text is cut")
    func cuts() throws {
        let sets = [
            try rules("\\bkey: \\K[a-z]{4,8}\\b"), try rules("a+\\Ka{2}b"),
            try rules("(?:no|num)[: ]{1,3}\\K\\d{13,19}\\b", more: "validate: [luhn]"),
        ]
        let parts = [
            "key: ", "secret", "a", "b", "no ", "num: ", "4111111111111111", ".", "\\u0061",
        ]
        var generator = SplitMix64(state: 5)
        for _ in 0..<150 {
            let text = (0..<Int.random(in: 1...9, using: &generator))
                .map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
            let bytes = Array(text.utf8)
            for rules in sets {
                let whole = rules.scan(bytes).verdicts
                for cut in 0...bytes.count {
                    #expect(rules.scan(bytes, cuts: [cut]).verdicts == whole, "\(text) at \(cut)")
                }
                #expect(rules.scan(bytes, cuts: Array(0..<bytes.count)).verdicts == whole)
            }
        }
    }

    @Test("a place that may be context or match counts as match")
    func ambiguous() throws {
        let rules = try rules("a+\\Ka{2}b")
        #expect(rules.enforce("xaaab") == "xaX")
        #expect(rules.enforce("xaaaaab") == "xaX")
        #expect(rules.enforce("xaab") == "xaab")
    }

    @Test("validators see the match alone")
    func validated() throws {
        let rules = try rules("\\b9:\\K\\d{13,19}\\b", more: "validate: [luhn]")
        #expect(rules.enforce("9:4111111111111111") == "9:X")
        #expect(rules.enforce("9:4111111111111112") == "9:4111111111111112")
    }

    @Test(
        "where \\K may not stand",
        arguments: ["a(?:\\Kb)", "a\\Kb|c", "a\\Kb\\Kc", "a\\K", "a\\K*b", "a\\Kb*"]
    )
    func refused(pattern: String) {
        #expect(throws: RuleError.self) { try rules(pattern) }
    }
}
