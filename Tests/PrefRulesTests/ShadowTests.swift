import Testing

@testable import PrefRules

@Suite("Seeing through spelling tricks")
struct ShadowTests {
    @Test(
        "the normalized form",
        arguments: [
            ("ＡＫＩＡ", "AKIA"), ("𝐤𝐞𝐲", "key"), ("ﬁne", "fine"), ("Straße", "Strasse"),
            ("e\u{301}té", "ete"), ("a\u{200B}b\u{2060}c\u{FEFF}", "abc"), ("х\u{430}", "xa"),
            ("a\u{E0041}b", "ab"), ("a\u{202E}b\u{2066}c", "abc"), ("①②", "12"), ("\\u0041b", "Ab"),
            ("🅰🇧", "Ab"), ("١٢٣", "123"), ("sk‑live", "sk-live"), ("a\u{00AD}b", "ab"),
            ("a\u{00A0}b", "a b"), ("\\ud83d\\ude00", "😀"), ("漢字かな", "漢字かな"), ("a\u{0}b", "ab"),
            ("\\u00", "\\u00"), ("\\", "\\"), ("\\\\u0041", "\\A"), ("łøđ", "lod"),
        ]
    )
    func fold(text: String, normalized: String) {
        #expect(Shadow.fold(text) == normalized)
    }

    private static let tricks = [
        "secret-token", "SECRET-TOKEN", "ｓｅｃｒｅｔ－ｔｏｋｅｎ", "s\u{200B}ecret-tok\u{200D}en",
        "sеcrеt-tоkеn", "se\u{301}cret-token\u{327}", "\\u0073ecret-token", "secret‐token",
        "𝓼𝓮𝓬𝓻𝓮𝓽-token", "s\u{E0020}ecret-token", "sec\u{202E}ret-token", "secret\\u002dtoken",
        "secret-to\\u200bken", "ѕесrеt-tоkеn",
    ]

    @Test("literals, regexes and their real bytes", arguments: tricks)
    func tricksAreSeen(text: String) throws {
        for detect in ["{ literal: [Secret-Token] }", "{ regex: '\\bsecret-tok[aeiou]n\\b' }"] {
            let rules = try ruleSet(rule("r", detect, action: "{ redact: X }"))
            for surface in TextSurface.allCases {
                let whole = "before \(text) after"
                #expect(rules.enforce(whole, surface: surface) == "before X after")
                let count = whole.utf8.count
                for cut in 0...count {
                    #expect(rules.enforce(whole, surface: surface, cuts: [cut]) == "before X after")
                }
                #expect(
                    rules.enforce(whole, surface: surface, cuts: Array(0..<count))
                        == "before X after"
                )
            }
        }
    }

    @Test("tool arguments are seen with their JSON escapes undone, and stay JSON")
    func toolArguments() throws {
        let rules = try ruleSet(
            rule("r", "{ regex: 'BEGIN\\nkey/[a-z]+\\nEND' }", action: "{ redact: X }")
        )
        let text = #"{"a": "BEGIN\nkey\/ab\u0063\nEND", "b": 1}"#
        #expect(rules.enforce(text, surface: .toolArguments) == #"{"a": "X", "b": 1}"#)
        #expect(rules.enforce(text, surface: .output) == text)
        let nested = #"{"a": "x \\u0042EGIN\nkey\/abc\nEND"}"#
        #expect(rules.enforce(nested, surface: .toolArguments) == #"{"a": "x X"}"#)
    }

    @Test("a key that touches letters of other scripts stands at a word boundary")
    func scriptsWithoutSpaces() throws {
        let rules = try ruleSet(rule("r", "{ regex: '\\bkey-\\d+\\b' }", action: "{ redact: X }"))
        #expect(rules.enforce("密钥key-123是") == "密钥X是")
        #expect(rules.enforce("кключаkey-123а") == "кключаXа")
        #expect(rules.enforce("monkey-123") == "monkey-123")
    }

    @Test("marks after a match go along, and those in front stay")
    func marks() throws {
        let rules = try ruleSet(rule("r", "{ literal: [abc] }", action: "{ redact: X }"))
        #expect(rules.enforce("é abc\u{301}\u{302} d") == "é X d")
        #expect(rules.enforce("e\u{301}abc") == "e\u{301}X")
    }

    @Test("ill-formed bytes neither crash nor hide a match")
    func illFormed() throws {
        let rules = try ruleSet(rule("r", "{ literal: [abc] }"))
        let bytes: [UInt8] = [0xff, 0x61, 0x62, 0x63, 0xe2, 0x82, 0x61, 0x62, 0x63, 0xf0, 0x9f]
        for cut in 0...bytes.count {
            let scan = rules.scan(bytes, cuts: [cut])
            #expect(scan.verdicts.map(\.range) == [1..<4, 6..<9])
        }
    }
}
