import PrefModel
import PrefTopics
import Testing

/// A set of one topic with these groups of terms.
private func set(_ groups: String...) throws -> TopicSet {
    let text =
        "topic: t\ntier: safeguarded\nmeaning: T.\nwords:\n  en:\n"
        + groups.map { "    \($0)\n" }.joined()
    return try TopicSet(files: [TopicSource(name: "t.yaml", text: text)])
}

private func isFound(_ text: String, in set: TopicSet) -> Bool { !set.findings(in: text).isEmpty }

@Suite("Terms")
struct MatchingTests {
    @Test("are found as whole words, as beginnings or anywhere, as they are written")
    func boundaries() throws {
        let terms = try set("strong: [rapist, immigra*, '*steuer']")
        for text in [
            "a rapist", "Rapist.", "(rapist)", "immigration", "die Kfz-Steuer", "Erbschaftsteuer",
        ] {
            #expect(isFound(text, in: terms), "\(text)")
        }
        for text in ["therapist", "rapists", "emigration", "Steuerung", "rap ist"] {
            #expect(!isFound(text, in: terms), "\(text)")
        }
    }

    @Test("are found whatever the case, the accents, the width and the invisible characters")
    func folding() throws {
        let terms = try set("strong: [élection, straße, 自杀, خطر, 'हड़ताल']")
        for text in [
            "ELECTION", "e\u{301}lection", "ｅｌｅｃｔｉｏｎ", "ele\u{200d}ction", "STRASSE", "我想自杀了", "自殺",
            "خَطَر", "الخطر", "وبالخطر", "هـخطر والخطر", "हड\u{93c}ताल",
        ] {
            #expect(isFound(text, in: terms), "\(text)")
        }
    }

    @Test("of scripts without spaces stand apart from the Latin words beside them")
    func mixedScripts() throws {
        let terms = try set("strong: [python, 进程]")
        #expect(isFound("用Python写", in: terms))
        #expect(isFound("kill进程now", in: terms))
        #expect(!isFound("pythonic", in: terms))
    }

    @Test("that are weak count only beside another, and once each")
    func weak() throws {
        let terms = try set("weak: [government, minister]")
        #expect(!isFound("government government government", in: terms))
        #expect(isFound("the government and its minister", in: terms))
    }

    @Test("that are parts count only together and near each other")
    func together() throws {
        let terms = try set("together: |\n      swallowed, drank + bleach, battery")
        #expect(isFound("my son drank some of the bleach", in: terms))
        #expect(isFound("Bleach! She swallowed it!", in: terms))
        #expect(!isFound("he drank tea", in: terms))
        let filler = String(repeating: "word ", count: 20)
        #expect(!isFound("drank " + filler + "bleach", in: terms))
    }

    @Test("inside a phrase that means something else do not count; a longer term does")
    func never() throws {
        let terms = try set("strong: [child, child process hazard]", "never: [child process*]")
        #expect(isFound("my child", in: terms))
        #expect(!isFound("fork a child process", in: terms))
        #expect(!isFound("child processes", in: terms))
        #expect(isFound("the child process of a child", in: terms))
        #expect(isFound("a child process hazard", in: terms))
    }

    @Test("of which an everyday phrase is made count for no topic")
    func everyday() throws {
        let files = [
            TopicSource(
                name: "t.yaml",
                text: "topic: t\ntier: universal\nmeaning: T.\nwords: {en: {strong: [kill]}}"
            ),
            TopicSource(
                name: "e.yaml",
                text: "everyday: phrases\nwords: {en: {never: [kill the process]}}"
            ),
        ]
        let terms = try TopicSet(files: files)
        #expect(isFound("kill it", in: terms))
        #expect(!isFound("Kill the process!", in: terms))
    }

    @Test("are looked for in any bytes without harm")
    func anyBytes() throws {
        let terms = try set("strong: [tea, '*x']")
        for text in ["", " ", "\u{0}", "\u{fffd}", "🫖", "\u{10ffff}", "é", "و", "ال", "x"] {
            _ = terms.findings(in: text)
        }
        #expect(isFound("🫖tea🫖", in: terms))
    }
}

@Suite("A short follow-up")
struct FollowUpTests {
    private let topics: TopicSet

    init() throws {
        topics = try TopicSet(files: [
            TopicSource(
                name: "p.yaml",
                text:
                    "topic: politics\ntier: safeguarded\nmeaning: P.\nwords: {en: {strong: [election]}}"
            ),
            TopicSource(
                name: "u.yaml",
                text: "topic: poison\ntier: universal\nmeaning: U.\nwords: {en: {strong: [bleach]}}"
            ),
        ])
    }

    @Test("stays on the topic of the messages before")
    func stays() {
        let found = topics.findings(
            latest: "and for me?",
            earlier: ["hm", "Who won the election?"]
        )
        #expect(found.map(\.topic) == ["politics"])
        #expect(found.map(\.reasons) == [[.earlier]])
        #expect(topics.findings(latest: "and for me?", earlier: ["hm", "ok"]) == [])
    }

    @Test(
        "that is no follow-up but long leaves a safeguarded topic, and a universal one for a safeguarded"
    )
    func long() {
        let text =
            "Let us now talk about something else entirely, namely how to bake a good loaf of bread."
        #expect(topics.findings(latest: text, earlier: ["Who won the election?"]) == [])
        let after = topics.findings(latest: text, earlier: ["I drank bleach"])
        #expect(TopicSet.tier(of: after) == .safeguarded)
        #expect(
            TopicSet.tier(of: topics.findings(latest: "and now?", earlier: ["I drank bleach"]))
                == .universal
        )
    }

    @Test("with a topic of its own has both")
    func both() {
        let found = topics.findings(latest: "and the election?", earlier: ["I drank bleach"])
        #expect(found.map(\.topic) == ["poison", "politics"])
    }
}
