import FoundationEssentials
import Testing

@testable import PrefRules

@Suite("Reading rule packs")
struct PackTests {
    private func problems(_ text: String) -> [String] {
        do {
            _ = try RuleSet(packs: [RulePackSource(name: "p.yaml", text: text)])
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test("everything that is wrong is reported at once, with its place and the right spelling")
    func errors() {
        let found = problems(
            """
            pack: demo
            rules:
              - id: one
                descripton: misspelt
                detect: { regexp: 'a' }
                where: [outputs]
                validate: lunh
                action: redct
              - id: Two!
                description: bad
                detect: { regex: '(a' }
                action: { append: "" }
                case: sensitiv
                match: { a: b }
              - id: three
                description: no model
                detect: { classifier: guard }
                action: flag
              - id: four
                description: a bad pattern
                detect:
                  regex: 'a(?=b)'
                action: replace
            """
        )
        let expected = [
            "p.yaml:4:5: the key 'descripton' of rule one is not known; did you mean 'description'?",
            "p.yaml:3:5: rule one has no 'description'; add one",
            "p.yaml:7:15: 'validate' of rule one is 'lunh', which is no validator; did you mean 'luhn'?",
            "p.yaml:6:13: 'where' of rule one[0] is 'outputs', where no rule can look; did you mean"
                + " 'output'?",
            "p.yaml:5:15: the key 'regexp' of 'detect' of rule one is not known; did you mean 'regex'?",
            "p.yaml:8:13: 'action' of rule one is 'redct', which is no action; did you mean 'redact'?",
            "p.yaml:14:12: 'match' of rule Two! must be a text or a list of texts, not a mapping",
            "p.yaml:12:23: 'append' of 'action' of rule Two! is empty; give it a text",
            "p.yaml:13:11: 'case' of rule Two! is 'sensitiv'; did you mean 'sensitive'?",
            "p.yaml:9:9: 'id' of rule Two! must be at most 64 lower-case letters, digits, '-', '_'"
                + " and '.', such as aws-access-key-id",
            "p.yaml:17:27: 'classifier' of 'detect' of rule three must be a mapping of keys to values, not"
                + " a text",
            "p.yaml:23:13: 'action' of rule four needs a text: write { replace: \"…\" }",
        ]
        #expect(found == expected)
    }

    @Test("a rule on a topic can only add or note something, and only a requirement has cases")
    func topicRules() throws {
        let found = problems(
            """
            pack: p
            rules:
              - id: one
                description: a redaction of nothing
                detect: { topic: self-harm }
                action: redact
              - id: two
                description: a case without a text to look at
                detect: { topic: self-harm }
                action: flag
                match: ["x"]
              - id: three
                description: a requirement without what it requires
                detect: { required: { topic: self-harm } }
                action: flag
            """
        )
        #expect(
            found == [
                "p.yaml:6:13: 'action' of rule one can only be append or flag in a rule on a topic",
                "p.yaml:11:13: 'match' of rule two[0] cannot be tested: a topic is the request's, not"
                    + " the text's",
                "p.yaml:14:25: 'required' of 'detect' of rule three needs a topic and the texts of"
                    + " which one must be said: topic, said",
            ]
        )
    }

    @Test(
        "packs that are no packs are refused",
        arguments: [
            ("", "empty"), ("pack: a\nrules: {}", "must be a list"), ("pack: a", "no rules"),
            ("rules: []", "no name"), ("[1]", "must be a mapping"), ("pack: [\n", "not YAML"),
            ("pack: a\npack: b\nrules: []", "twice"),
            ("pack: a\nrules: []\n---\npack: b", "not YAML"),
            ("pack: a\nrules:\n  - 5", "must be a mapping"),
        ]
    )
    func notPacks(text: String, words: String) {
        let found = problems(text)
        #expect(found.contains { $0.contains(words) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("p.yaml") })
    }

    @Test("all forms of actions and single values are read")
    func forms() throws {
        let rules = try ruleSet(
            rule("a", "{ literal: x }", action: "redact", more: "where: output")
                + rule("b", "{ literal: [x, y] }", action: "{ redact: R }", more: "tier: universal")
                + rule("c", "{ regex: x }", action: "{ replace: S }", more: "source: RFC 1")
                + rule("d", "{ regex: x }", action: "{ append: T }", more: "case: sensitive")
                + rule("e", "{ regex: x }", action: "flag", more: "match: x")
                + rule("f", "{ regex: x }", action: "block", more: "pass: [y, 1]")
        ).rules
        #expect(
            rules.map(\.action) == [
                .redact("[redacted]"), .redact("R"), .replace("S"), .append("T"), .flag, .block,
            ]
        )
        #expect(rules[0].surfaces == [.output])
        #expect(rules[1].surfaces == Set(TextSurface.allCases))
        #expect(rules[2].source == "RFC 1" && rules[3].isCaseSensitive)
        #expect(rules[4].matchCases == ["x"] && rules[5].passCases == ["y", "1"])
    }

    @Test("a failing case refuses the pack, by rule and case; without running them it loads")
    func cases() throws {
        let text =
            rule("r", "{ literal: [abc] }", more: "match: [abc, abd]")
            + rule("s", "{ literal: [abc] }", more: "pass: [xabcx]")
        let error = #expect(throws: RuleError.self) { try ruleSet(text, runningCases: true) }
        let places = error?.problems.map(\.description) ?? []
        #expect(places.contains("test.yaml:7:18: rule r: match[1] does not match in output"))
        #expect(
            places.contains { $0.hasSuffix("rule s: pass[0] matches and should not in tool_args") }
        )
        let failures = try ruleSet(text).runCases()
        #expect(failures.count == 6)
        #expect(failures[0].ruleID == "r" && failures[0].index == 1)
    }

    @Test("a directory is loaded by name, wholly or not at all")
    func directories() throws {
        let files = FileManager.default
        let directory =
            files.temporaryDirectory.path + "/prefrules-\(UInt64.random(in: 0 ... .max))"
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: directory) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: directory + "/" + name))
        }
        func pack(_ id: String) -> String {
            "pack: p\nrules:\n"
                + rule(id, "{ literal: [x] }").split(separator: "\n")
                .map { "  " + $0 }.joined(separator: "\n")
        }
        #expect(try RuleSet.load(directory: directory).rules.isEmpty)
        try write("b.yaml", pack("two"))
        try write("a.yaml", pack("one"))
        try write("notes.txt", "not a pack")
        #expect(try RuleSet.load(directory: directory).rules.map(\.id) == ["one", "two"])
        try write("c.yaml", pack("one"))
        let twice = #expect(throws: RuleError.self) { try RuleSet.load(directory: directory) }
        #expect(twice?.description.contains("c.yaml:3:9: rule one is already at") == true)
        try write("c.yaml", "pack: \u{0}")
        #expect(throws: RuleError.self) { try RuleSet.load(directory: directory) }
        try files.removeItem(atPath: directory + "/c.yaml")
        try write("d.yml", pack("three"))
        let named = #expect(throws: RuleError.self) { try RuleSet.load(directory: directory) }
        #expect(named?.description.contains("end in .yaml") == true)
        #expect(throws: RuleError.self) { try RuleSet.load(directory: directory + "/none") }
    }

    @Test("a pack that is not enabled is checked and has no rules in force")
    func disabled() throws {
        let rules = "rules:\n  - { id: a, description: d, detect: { literal: [x] }, action: flag }"
        func load(_ line: String) throws -> RuleSet {
            try RuleSet(packs: [
                RulePackSource(name: "p.yaml", text: "pack: p\n\(line)\n\(rules)")
            ])
        }
        #expect(try load("enabled: false").rules.isEmpty)
        #expect(try load("enabled: true").rules.map(\.id) == ["a"])
        #expect(
            problems("pack: p\nenabled: fasle\nrules: [{}]").contains {
                $0.contains("'enabled' of the pack is 'fasle'; did you mean 'false'?")
            }
        )
        #expect(
            problems("pack: p\nenabled: false\nrules: [{}]").contains { $0.contains("no 'id'") }
        )
    }

    @Test("trying the rules shows each match and its normalized form")
    func explain() throws {
        let rules = try ruleSet(rule("a", "{ literal: [key] }") + rule("b", "{ literal: [ey] }"))
        let results = rules.explain("my ｋey", surface: .output)
        #expect(results.map(\.rule.id) == ["a", "b"])
        #expect(results.map(\.matched) == ["ｋey", "ey"])
        #expect(results.map(\.normalized) == ["key", "ey"])
        #expect(results.map(\.range) == [3..<8, 6..<8])
    }
}
