import PrefLearning
import PrefModel
import Testing

@Suite("Features of an answer")
struct AnswerFeaturesTests {
    private func raw(_ text: String, _ language: String? = "en") -> [String: Double] {
        AnswerFeatures.measure(text, language: language).values
    }

    @Test("they are the surface features and more")
    func extends() {
        let text = "# Title\n- one\n- two\n\nWhat now? 😀"
        let surface = SurfaceFeatures.measure(text).values
        let all = raw(text)
        for (name, value) in surface { #expect(all[name] == value) }
        #expect(AnswerFeatures.measure(text).version > SurfaceFeatures.version)
    }

    @Test(
        "signs are counted",
        arguments: [
            ("It might work, and it could help.", "hedges", 2), ("It depends on you.", "hedges", 2),
            ("Consult a doctor.", "disclaimers", 1),
            ("I don't know; we'll see.", "contractions", 2),
            ("Therefore it follows.", "formal_words", 1),
            ("Yeah, cool stuff.", "informal_words", 3),
            ("Congratulations, well done!", "warm_words", 2),
            ("Fruit, e.g. apples, such as these.", "example_markers", 2),
            ("Use the HTTP API with utf8.", "technical_tokens", 3),
            ("Call `foo` and `bar` now.", "inline_code", 2),
            ("Seven minutes. More words here.", "first_sentence_words", 2),
            ("Great question! Boil it.", "opens_indirectly", 1),
            ("Boil it. Great question!", "opens_indirectly", 0),
        ] as [(String, String, Double)]
    )
    func signs(text: String, name: String, expected: Double) {
        #expect(raw(text)[name] == expected)
    }

    @Test("code is not read as prose")
    func code() {
        #expect(raw("Look:\n```\nmaybe = could or might\n```\n")["hedges"] == 0)
    }

    @Test("a stream gives what the whole text gives, however it is cut")
    func streamed() {
        let text =
            "Great question! **It depends**: you might, e.g., use `x`.\n\n1. café 👩‍👩‍👧\n2. don't\n"
        var reader = AnswerReader()
        for scalar in text.unicodeScalars { reader.feed(Array(String(scalar).utf8).span) }
        #expect(
            reader.counts(language: "en").features == AnswerFeatures.measure(text, language: "en")
        )
    }

    @Test("other languages have what can be measured there, and say what cannot")
    func otherLanguages() {
        let german = AnswerFeatures.measure(
            "Vielleicht hilft das hier. Könnte sein.",
            language: "de"
        )
        #expect(german.values["hedges"] == nil)
        #expect(german.values["words"] == 6)
        let vector = AnswerVector(german)
        #expect(vector.unmeasured == [.hedging, .disclaimers, .formality, .warmth, .examples])
        let japanese = AnswerVector(AnswerFeatures.measure("今日は良い天気です。", language: "ja"))
        #expect(japanese.unmeasured.contains(.difficulty))
    }

    @Test("without a language, English is told by its function words")
    func detection() {
        #expect(raw("This is what you can do with it in the morning.", nil)["hedges"] != nil)
        #expect(raw("Das kann man am Morgen damit machen, wenn man mag.", nil)["hedges"] == nil)
    }

    @Test("an axis that one text lacks says nothing of the other")
    func missingDifference() {
        let english = AnswerVector(
            AnswerFeatures.measure("It might be so, perhaps.", language: "en")
        )
        let german = AnswerVector(AnswerFeatures.measure("Das ist so.", language: "de"))
        #expect(english.difference(from: german)[AnswerAxis.hedging.index] == 0)
        #expect(english.difference(from: german)[AnswerAxis.length.index] != 0)
    }

    @Test("every value is finite and bounded", arguments: ["", "a", "🇩🇪", "```", "!!!", "1."])
    func bounded(text: String) {
        let vector = AnswerVector(AnswerFeatures.measure(text))
        #expect(vector.values.allSatisfy { $0.isFinite && abs($0) <= 4 })
        #expect(vector.values.count == AnswerAxis.count)
    }

    @Test("axes have places of their own")
    func places() {
        #expect(AnswerAxis.allCases.map(\.index) == Array(0..<AnswerAxis.count))
        #expect((12...16).contains(AnswerAxis.count))
    }
}
