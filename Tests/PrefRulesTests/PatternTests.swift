import Testing

@testable import PrefRules

@Suite("The regular expressions of rule packs")
struct PatternTests {
    @Test(
        "what is not supported is refused with its place and what to do",
        arguments: [
            (#"(a)\1"#, 4, "back-reference"), ("a(?=b)", 2, "look-ahead"),
            ("(?<!a)b", 1, "look-behind"),
            ("a++", 3, "possessive"), ("(?>a)", 1, "atomic"), ("a**", 3, "repeat of a repeat"),
            ("a|*", 3, "nothing to repeat"), ("(a", 1, "not closed"), ("a)", 2, "closes no group"),
            ("[a-", 1, "not closed"), ("[z-a]", 2, "wrong way round"),
            ("a{3,1}", 2, "wrong way round"),
            ("a{2000}", 2, "1000 at most"), (#"\p{L}"#, 1, "as a class"),
            (#"a\q"#, 2, "not supported"),
            (#"\"#, 1, "single"), ("(?x)a", 1, "not supported"), (#"[\x{110000}]"#, 2, "number"),
            ("[[:foo:]]", 2, "no class"), ("[a[[b]]]", 3, "nested"), (#"\b*"#, 1, "no length"),
        ]
    )
    func refusals(pattern: String, position: Int, words: String) {
        let error = #expect(throws: PatternError.self) {
            try PatternParser.parse(pattern, ignoringCase: true)
        }
        #expect(error?.position == position, "\(pattern): \(error?.text ?? "")")
        #expect(error?.message.contains(words) == true, "\(pattern): \(error?.text ?? "")")
    }

    @Test(
        "the supported forms match what they should",
        arguments: [
            (#"^a.c$"#, "abc", true), (#"^a.c$"#, "a\nc", false), (#"(?s)a.c"#, "a\nc", true),
            (#"(?m)^b$"#, "a\nb\nc", true), (#"\Ab"#, "ab", false), (#"a\z"#, "ba", true),
            (#"[[:digit:]]{2}x"#, "12x", true), (#"[^\d\s]z"#, "1z", false),
            (#"\x41\x{42}\u0043"#, "ABC", true),
            (#"(?i)abc"#, "aBC", true), (#"(?-i:abc)"#, "aBC", false),
            (#"(?P<n>a)(?<m>b)"#, "ab", true),
            (#"a{,2}b"#, "a{,2}b", true), (#"[]a]b"#, "]b", true), (#"[a\-z]1"#, "-1", true),
            (#"\.\*\\"#, ".*\\", true), (#"a+?b"#, "aaab", true), (#"É"#, "e", true),
            (#"[é]x"#, "ex", true),
            (#"стр"#, "СТР", true), (#"[а-я]+\d"#, "ж1", true), (#"\Bb"#, "ab", true),
            (#"\Bb"#, "b", false),
            (#"ß"#, "SS", true), (#"x\t"#, "x\t", true), (#"[\b]?x"#, "x", true),
            (#"(a|b|)c"#, "c", true),
        ]
    )
    func matches(pattern: String, text: String, expected: Bool) throws {
        let quoted = pattern.replacing("'", with: "''")
        let rules = try ruleSet(rule("r", "{ regex: '\(quoted)' }"))
        #expect(!rules.scan(Array(text.utf8)).verdicts.isEmpty == expected, "\(pattern)")
    }

    @Test("patterns that are too large or match nothing at all are refused with the reason")
    func limits() {
        for (detect, words) in [
            ("{ regex: '(?:a{1,1000}){1,100}b' }", "too large to compile"),
            ("{ regex: 'a*' }", "empty text"),
            ("{ regex: '(?:(?:a{900}){900}){900}' }", "at most"),
            ("{ literal: [\"\\u0301\"] }", "empty text"),
        ] {
            let error = #expect(throws: RuleError.self) { try ruleSet(rule("r", detect)) }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        }
        let error = #expect(throws: RuleError.self) {
            try ruleSet(rule("r", "{ regex: 'a+' }", more: "validate: [entropy]"))
        }
        #expect(error?.description.contains("256 characters at most") == true)
    }
}
