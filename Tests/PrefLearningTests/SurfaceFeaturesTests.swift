import PrefLearning
import PrefModel
import TestSupport
import Testing

@Suite("Surface features of a text")
struct SurfaceFeaturesTests {
    private func features(_ text: String) -> [String: Double] {
        SurfaceFeatures.measure(text).values
    }

    @Test("an empty text has every feature, at zero")
    func empty() {
        let measured = SurfaceFeatures.measure("")
        #expect(measured.version == SurfaceFeatures.version)
        #expect(measured.values.count == 13)
        #expect(measured.values.values.allSatisfy { $0 == 0 })
    }

    @Test(
        "words are counted as people would",
        arguments: [
            ("one two  three", 3), ("don't panic", 2), ("well-known facts", 2),
            ("3.14 and 1,000", 3),
            ("e.g. this", 2), ("-- - --", 0), ("naïve café", 2), ("привет мир", 2), ("今日は", 3),
            ("カタカナ", 4), ("हिन्दी भाषा", 2), ("สวัสดีครับ", 1), ("2024 was long", 3), ("42", 1),
            ("a\u{0301}b", 1), ("**bold** text", 2), ("rock 'n' roll", 3),
        ] as [(String, Double)]
    )
    func words(text: String, expected: Double) {
        #expect(features(text)["words"] == expected)
    }

    @Test(
        "sentences end at terminals, list items, headings and paragraphs",
        arguments: [
            ("One. Two! Three?", 3), ("No end", 1), ("Pi is 3.14 today.", 1),
            ("What?! Really...", 2),
            ("He said \"go.\" Then left.", 2), ("First\n\nSecond", 2), ("Wrapped\nline", 1),
            ("# Title\nText.", 2), ("- one\n- two\n- three", 3), ("今日は。明日は。", 2), ("...", 0),
            ("Visit example.org now", 1),
        ] as [(String, Double)]
    )
    func sentences(text: String, expected: Double) {
        #expect(features(text)["sentences"] == expected)
    }

    @Test("the mean sentence length is words for each sentence")
    func meanSentence() {
        #expect(features("One two three. Four.")["mean_sentence_words"] == 2)
    }

    @Test("structure is what Markdown says it is")
    func structure() {
        let text = """
            # Title
            ####### not a heading
            #hashtag
            - one
            * two
              + three
            -5 is a number
            1. first
            22) second
            1234. a year
            3.14 is no item
            | a | b |
            |---|:-:|
            | 1 | 2 |
            a | b
            """
        let measured = features(text)
        #expect(measured["headings"] == 1)
        #expect(measured["bullets"] == 3)
        #expect(measured["numbered_items"] == 2)
        #expect(measured["table_rows"] == 2)
    }

    @Test("fenced code is no prose, and closes only with its own fence")
    func code() {
        let text = """
            Look here:
            ````swift
            # not a heading
            - not a bullet! what?
            ```
            ~~~
            ````
            Done.
            """
        let measured = features(text)
        #expect(measured["code_fences"] == 1)
        #expect(measured["code_lines"] == 4)
        #expect(measured["headings"] == 0)
        #expect(measured["bullets"] == 0)
        #expect(measured["questions"] == 0)
        #expect(measured["words"] == 3)
    }

    @Test("a fence that is never closed runs to the end")
    func openFence() {
        let measured = features("```\nlet a = 1\nlet b = 2")
        #expect(measured["code_fences"] == 1)
        #expect(measured["code_lines"] == 2)
        #expect(measured["words"] == 0)
    }

    @Test("questions and exclamations are counted once however often they are repeated")
    func marks() {
        let measured = features("What??? No!!! ¿Qué? Wow！ a != b ![image](x) ماذا؟")
        #expect(measured["questions"] == 3)
        #expect(measured["exclamations"] == 2)
    }

    @Test(
        "emoji are counted as people see them",
        arguments: [
            ("hi 😀", 1), ("👩‍👩‍👧‍👦", 1), ("👍🏽", 1), ("🇩🇪🇫🇷", 2), ("❤️", 1), ("❤", 0), ("1️⃣ © ™", 0),
            ("😀😀", 2), ("🏳️‍🌈", 1), ("😀 🏽", 2),
        ] as [(String, Double)]
    )
    func emoji(text: String, expected: Double) {
        #expect(features(text)["emoji"] == expected)
    }

    @Test("every feature of a random text is finite, and none is negative")
    func random() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("ab 1.!?-#*|`~\n\t😀é今。:)\u{200D}\u{FE0F}🇩")
        for _ in 0..<500 {
            let text = String(
                (0..<60).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
            )
            let measured = features(text)
            #expect(
                measured.values.allSatisfy { $0.isFinite && $0 >= 0 },
                "\(text.debugDescription)"
            )
            #expect(measured["characters"] == Double(text.unicodeScalars.count))
        }
    }

    // Quadratic work would take hours.
    @Test(
        "time grows with the text and no faster",
        .timeLimit(.minutes(10)),
        arguments: ["a. ", "`", "#", "1", "- a\n", "|", "!"]
    )
    func linear(unit: String) {
        let text = String(repeating: unit, count: 1_000_000)
        #expect(features(text)["characters"] == Double(text.utf8.count))
    }
}
