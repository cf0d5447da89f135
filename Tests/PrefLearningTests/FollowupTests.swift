import PrefLearning
import Testing

@Suite("Follow-ups")
struct FollowupTests {
    private let reader = FollowupReader.standard

    @Test(
        "are read in twelve languages",
        arguments: [
            ("shorter, please", "en", .length, -1), ("That's too formal.", "en", .formality, -1),
            ("explain it simply", "en", .difficulty, -1), ("more examples!", "en", .examples, 1),
            ("no emojis please", "en", .emoji, -1), ("Kürzer bitte", "de", .length, -1),
            ("Das ist zu förmlich", "de", .formality, -1), ("plus court", "fr", .length, -1),
            ("Más ejemplos, por favor", "es", .examples, 1),
            ("più semplice", "it", .difficulty, -1),
            ("muito longo", "pt", .length, -1), ("korter graag", "nl", .length, -1),
            ("krócej proszę", "pl", .length, -1), ("покороче", "ru", .length, -1),
            ("daha kısa", "tr", .length, -1), ("太长了", "zh", .length, -1),
            ("もっと短くして", "ja", .length, -1),
        ] as [(String, String, AnswerAxis, Double)]
    )
    func languages(message: String, language: String, axis: AnswerAxis, sign: Double) throws {
        #expect(reader.languages.contains(language))
        for tag in [language, nil] {
            guard case .asked(let axes) = reader.read(message, language: tag) else {
                Issue.record("\(message) was not read as \(tag ?? "any language")")
                continue
            }
            #expect((axes[axis] ?? 0) * sign > 0)
        }
    }

    @Test(
        "of which nothing can be said say nothing",
        arguments: [
            "", "thanks", "not shorter", "don't make it shorter", "短くしないで",
            "Why do longer wires have more resistance than shorter ones of the same metal?",
            "Write a story in which the king says that his speech was too long for the people",
            "What is the shortest path between two nodes?", "Is this formally correct?",
        ]
    )
    func silence(message: String) {
        #expect(reader.read(message, language: message.first == "短" ? "ja" : "en") == nil)
    }

    @Test("asking again without saying how is a regeneration")
    func again() {
        #expect(reader.read("try again", language: "en") == .again)
        #expect(reader.read("noch einmal", language: "de") == .again)
    }

    @Test("a longer phrase wins over the words in it")
    func longest() {
        #expect(reader.read("less formal", language: "en") == .asked([.formality: -1]))
        #expect(
            reader.read("no bullet points", language: "en")
                != reader.read("bullet points", language: "en")
        )
    }
}
