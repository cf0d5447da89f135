import Foundation
import Testing

@testable import PrefRules

/// A way of writing a text so that it looks or means the same and is spelled otherwise.
struct Evasion: Sendable, CustomTestStringConvertible {
    let name: String
    /// What a rule has to ask for to see through it.
    var seeThrough: String?
    /// How many characters at its end may be no part of the match.
    var slack = 4
    let write: @Sendable (String) -> String

    var testDescription: String { name }

    private static func each(
        _ name: String,
        seeThrough: String? = nil,
        _ write: @escaping @Sendable (Unicode.Scalar) -> String
    ) -> Evasion {
        Evasion(name: name, seeThrough: seeThrough) { text in
            text.unicodeScalars.map(write).joined()
        }
    }

    private static func shifted(_ scalar: Unicode.Scalar, letters: UInt32, digits: UInt32)
        -> String
    {
        let value: UInt32 =
            switch scalar.value {
            case 0x61...0x7a: letters + scalar.value - 0x61
            case 0x30...0x39: digits + scalar.value - 0x30
            default: scalar.value
            }
        return Unicode.Scalar(value).map(String.init) ?? ""
    }

    private static let cyrillic: [Unicode.Scalar: String] = [
        "a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у",
        "k": "к", "0": "О",
    ]

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static func hex(_ text: String) -> String {
        text.utf8.map { String(format: "%02x", $0) }.joined()
    }

    private static func percent(_ text: String) -> String {
        text.utf8.map { String(format: "%%%02X", $0) }.joined()
    }

    private static func nested(
        _ name: String,
        seeThrough: String,
        _ write: @escaping @Sendable (String) -> String
    ) -> Evasion {
        Evasion(name: name, seeThrough: seeThrough, slack: 16, write: write)
    }

    static let all: [Evasion] = [
        each("upper case") { String($0).uppercased() },
        each("zero-width spaces") { "\($0)\u{200B}" },
        each("soft hyphens") { "\($0)\u{00AD}" },
        each("tag characters") { "\($0)\u{E0061}" },
        each("bidirectional controls") { "\u{202E}\($0)\u{202C}" },
        each("bidirectional isolates") { "\u{2066}\($0)\u{2069}" },
        each("joiners and byte order marks") { "\u{200D}\($0)\u{FEFF}" },
        each("variation selectors") { "\($0)\u{FE0F}" },
        each("combining marks") { "\($0)\u{0336}" },
        each("stacked marks") { "\($0)\u{0301}\u{0308}\u{0336}" },
        each("full-width forms") {
            $0.value > 0x20 ? (Unicode.Scalar($0.value + 0xfee0).map(String.init) ?? "") : " "
        },
        each("mathematical letters") { shifted($0, letters: 0x1d41a, digits: 0x1d7ce) },
        each("subscript digits") { shifted($0, letters: 0x61, digits: 0x2080) },
        each("letters of other scripts") { cyrillic[$0] ?? String($0) },
        each("JSON escapes") { String(format: "\\u%04x", $0.value) },
        each("JSON escapes of surrogate pairs") { scalar in
            shifted(scalar, letters: 0x1d41a, digits: 0x1d7ce).utf16
                .map { String(format: "\\u%04X", $0) }.joined()
        },
        each("hexadecimal escapes") { String(format: "\\x%02x", $0.value) },
        each("percent-encoding") { String(format: "%%%02X", $0.value) },
        each("character references") { "&#\($0.value);" },
        each("hexadecimal character references") { "&#x" + String($0.value, radix: 16) + ";" },
        each("percent-encoding of percent-encoding") { "%25" + percent(String($0)).dropFirst() },
        each("percent-encoding three deep") { "%2525" + percent(String($0)).dropFirst() },
        each("references of references") { "&amp;#\($0.value);" },
        each("references three deep") { "&amp;amp;#\($0.value);" },
        each("digits of other scripts, circled letters") {
            shifted($0, letters: 0x24d0, digits: 0x0966)
        },
        each("invisible controls") { "\u{01}\($0)\u{2060}" },
        each("spaced out", seeThrough: "separators") { "\($0) " },
        each("spaced out with no-break spaces", seeThrough: "separators") { "\($0)\u{00A0}" },
        each("hyphenated", seeThrough: "separators") { "\($0)-" },
        each("in marks of code", seeThrough: "separators") { "`\($0)`" },
        each("in lines of a fenced block", seeThrough: "separators") { "\($0)\r\n" },
        each("emphasized", seeThrough: "separators") { "\($0)**" },
        each("struck out", seeThrough: "separators") { "\($0)~~" },
        each("broken into lines", seeThrough: "separators") { "\($0)\n" },
        Evasion(name: "base64", seeThrough: "base64") { base64($0) },
        Evasion(name: "base64 in a longer text", seeThrough: "base64") {
            base64("my value: \($0), keep it")
        },
        Evasion(name: "hexadecimal digits", seeThrough: "hex") { hex($0) },
        nested("base64 of base64", seeThrough: "base64") { base64(base64($0)) },
        nested("base64 three deep", seeThrough: "base64") { base64(base64(base64($0))) },
        nested("base64 of percent-encoding", seeThrough: "base64") { base64(percent($0)) },
        nested("base64 of references", seeThrough: "base64") { text in
            base64(text.unicodeScalars.map { "&#\($0.value);" }.joined())
        },
        nested("base64 of full-width forms", seeThrough: "base64") { text in
            base64(
                String(
                    String.UnicodeScalarView(
                        text.unicodeScalars.compactMap {
                            Unicode.Scalar($0.value + 0xfee0)
                        }
                    )
                )
            )
        },
        nested("percent-encoding of base64", seeThrough: "base64") { percent(base64($0)) },
        nested("hexadecimal digits of hexadecimal digits", seeThrough: "hex") { hex(hex($0)) },
        nested("base64 of hexadecimal digits", seeThrough: "base64, hex") { base64(hex($0)) },
        nested("hexadecimal digits of base64", seeThrough: "base64, hex") { hex(base64($0)) },
    ]
}

/// A rule of one kind, and a text that it matches.
struct EvadedRule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let detect: String
    var more = ""
    let text: String

    static let all = [
        EvadedRule(
            testDescription: "literal",
            detect: "{ literal: [falcon-spies] }",
            text: "falcon-spies"
        ),
        EvadedRule(
            testDescription: "regex",
            detect: "{ regex: '\\bkey-[a-z0-9]{8}\\b' }",
            text: "key-pa19cs52"
        ),
        EvadedRule(
            testDescription: "checksum",
            detect: "{ regex: '\\b\\d{13,19}\\b' }",
            more: "validate: [luhn]",
            text: "4012888888881881"
        ),
    ]
}

@Suite("Evasions")
struct EvasionTests {
    /// What must be seen through, and the evasions that show it; each is tried with every kind of
    /// rule.
    private static let classes = [
        "compatibility forms": [
            "full-width forms", "mathematical letters", "subscript digits",
            "digits of other scripts, circled letters",
        ],
        "case": ["upper case"],
        "zero width": ["zero-width spaces", "joiners and byte order marks", "soft hyphens"],
        "tag characters": ["tag characters"],
        "bidirectional controls": ["bidirectional controls", "bidirectional isolates"],
        "confusables": ["letters of other scripts"],
        "combining marks": ["combining marks", "stacked marks", "variation selectors"],
        "spaced out": ["spaced out", "spaced out with no-break spaces"],
        "hyphenated": ["hyphenated"],
        "JSON escapes": ["JSON escapes", "JSON escapes of surrogate pairs", "hexadecimal escapes"],
        "percent-encoding": ["percent-encoding", "percent-encoding three deep"],
        "HTML's references": ["character references", "hexadecimal character references"],
        "base64": ["base64", "base64 in a longer text", "base64 three deep"],
        "hexadecimal digits": ["hexadecimal digits"],
        "markdown": ["emphasized", "struck out", "in marks of code"],
        "blocks of code": ["in lines of a fenced block"],
        "line breaks": ["broken into lines"],
    ]

    @Test("of every class are there, for three kinds of rules and more")
    func complete() {
        let names = Set(Evasion.all.map(\.name))
        for (name, evasions) in Self.classes {
            #expect(names.isSuperset(of: evasions), "\(name)")
        }
        #expect(Evasion.all.count == names.count)
        #expect(Set(EvadedRule.all.map(\.testDescription)).count >= 3)
    }

    @Test(
        "every evasion is seen through by every kind of rule, at every cut",
        arguments: Evasion.all,
        EvadedRule.all
    )
    func seen(evasion: Evasion, evaded: EvadedRule) throws {
        let asks = evasion.seeThrough.map { "see_through: [\($0)]" } ?? ""
        let rules = try ruleSet(
            rule(
                "r",
                evaded.detect,
                action: "{ redact: X }",
                more: [evaded.more, asks].filter { !$0.isEmpty }.joined(separator: "\n  ")
            )
        )
        let written = evasion.write(evaded.text)
        let text = "It is (\(written)) here."
        let whole = rules.scan(Array(text.utf8))
        #expect(whole.verdicts.count == 1, "\(written)")
        let range = try #require(whole.verdicts.first?.range)
        let first = "It is (".utf8.count
        if evasion.name != "base64 in a longer text" {
            // Invisible characters in front are no part of a match; separators behind it neither.
            #expect(range.lowerBound <= first + 3)
            #expect(range.upperBound >= first + written.utf8.count - evasion.slack)
        }
        for cut in stride(from: 0, through: text.utf8.count, by: text.utf8.count > 200 ? 3 : 1) {
            #expect(rules.scan(Array(text.utf8), cuts: [cut]).verdicts == whole.verdicts)
        }
        let single = rules.scan(Array(text.utf8), cuts: Array(0..<text.utf8.count))
        #expect(single.verdicts == whole.verdicts)
    }

    @Test("what rules must ask for is not seen through unasked", arguments: Evasion.all)
    func unasked(evasion: Evasion) throws {
        guard evasion.seeThrough != nil, evasion.name != "hyphenated" else { return }
        let rules = try ruleSet(rule("r", "{ literal: [falcon-spies] }"))
        #expect(rules.scan(Array(evasion.write("falcon-spies").utf8)).verdicts == [])
    }

    @Test("what is no escape stays as it is and is matched as such")
    func noEscapes() throws {
        let rules = try ruleSet(
            rule(
                "a",
                "{ literal: ['50% of', 'R&D', '&copy', '%zz', '\\x4'] }",
                action: "{ redact: X }"
            )
        )
        for (text, result) in [
            ("50% of it", "X it"), ("the R&D;", "the X;"), ("&copy;", "X;"), ("a %zz", "a X"),
            ("\\x4", "X"), ("&#x;", "&#x;"), ("100%", "100%"), ("&", "&"), ("%4", "%4"),
        ] {
            #expect(rules.enforce(text) == result)
            for cut in 0...text.utf8.count {
                #expect(rules.enforce(text, cuts: [cut]) == result)
            }
        }
    }

    @Test("random encoded texts are decided alike however they are cut")
    func randomlyEncoded() throws {
        let rules = try ruleSet(
            rule("r", "{ regex: 'ab+c' }", more: "see_through: [base64, hex]")
        )
        var generator = SplitMix64(state: 5)
        let parts = ["ab", "bc", "%", "25", "61", "&amp;", "#98;", " ", "\n", "YWJj", "6162", "="]
        for _ in 0..<400 {
            var text = ""
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                text += parts.randomElement(using: &generator) ?? ""
                if Int.random(in: 0..<6, using: &generator) == 0 {
                    text = Data(text.utf8).base64EncodedString()
                }
            }
            let bytes = Array(text.utf8)
            let whole = rules.scan(bytes)
            for _ in 0..<4 {
                let cuts = bytes.indices.filter { _ in Bool.random(using: &generator) }
                #expect(rules.scan(bytes, cuts: cuts).verdicts == whole.verdicts, "\(text)")
            }
            let single = rules.scan(bytes, cuts: Array(bytes.indices))
            #expect(single.verdicts == whole.verdicts, "\(text)")
        }
    }

    @Test("what is encoded four times over is not looked into")
    func depth() throws {
        let rules = try ruleSet(
            rule("r", "{ literal: [falcon-spies] }", more: "see_through: [base64]")
        )
        var written = "falcon-spies"
        for depth in 1...4 {
            written = Data(written.utf8).base64EncodedString()
            #expect(rules.scan(Array(written.utf8)).verdicts.count == (depth < 4 ? 1 : 0))
        }
    }

    @Test("a percent-encoded delimiter is no delimiter")
    func reserved() throws {
        let rules = try ruleSet(rule("r", "{ regex: 'a/b' }", action: "{ redact: X }"))
        #expect(rules.enforce("a%2Fb") == "a%2Fb")
        #expect(rules.enforce("%61/%62") == "X")
    }
}
