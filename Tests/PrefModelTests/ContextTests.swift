import Testing

@testable import PrefModel

@Suite("A preference's context")
struct ContextTests {
    private let request = RequestContext(
        task: .coding,
        app: "editor",
        language: "en-GB",
        situation: .urgent,
        topic: "law"
    )

    @Test("holds where each field that is set agrees")
    func holds() {
        #expect(PreferenceContext.everywhere.holds(in: request))
        let all = PreferenceContext(
            task: .coding,
            app: "editor",
            language: "en",
            situation: .urgent,
            topic: "law"
        )
        #expect(all.holds(in: request))
        for other in [
            PreferenceContext(task: .chat), .init(app: "shell"), .init(language: "de"),
            .init(situation: .normal),
            .init(topic: "money"),
        ] {
            #expect(!other.holds(in: request))
        }
        for field in [
            PreferenceContext(task: .coding), .init(app: "editor"), .init(language: "en"),
            .init(situation: .urgent), .init(topic: "law"),
        ] {
            #expect(field.holds(in: request))
            #expect(!field.holds(in: RequestContext(app: "other", language: "fr")))
        }
    }

    @Test(
        "takes a language for its regions, and for no other language",
        arguments: [
            ("en", "en", true), ("en", "en-GB", true), ("EN", "en-gb", true),
            ("en-GB", "en", false),
            ("en-GB", "en-US", false), ("en", "eng", false), ("en", "enx-GB", false),
            ("zh-Hant", "zh-Hant-TW", true),
        ]
    )
    func languages(wanted: String, requested: String, expected: Bool) {
        let holds = PreferenceContext(language: wanted).holds(
            in: RequestContext(app: "a", language: requested)
        )
        #expect(holds == expected)
    }

    @Test("of a language does not hold where the language is unknown")
    func unknownLanguage() {
        #expect(!PreferenceContext(language: "en").holds(in: RequestContext(app: "a")))
    }

    @Test("that holds is ordered with any other that does: topic, situation, app, task, language")
    func specificity() {
        var contexts: [PreferenceContext] = []
        for bits in 0..<32 {
            contexts.append(
                PreferenceContext(
                    task: bits & 2 == 0 ? nil : .coding,
                    app: bits & 4 == 0 ? nil : "editor",
                    language: bits & 1 == 0 ? nil : "en",
                    situation: bits & 8 == 0 ? nil : .urgent,
                    topic: bits & 16 == 0 ? nil : "law"
                )
            )
        }
        #expect(contexts.allSatisfy { $0.holds(in: request) })
        #expect(Set(contexts.map(\.specificity)).count == 32)
        #expect(contexts.map(\.specificity) == contexts.map(\.specificity).sorted())
        #expect(PreferenceContext.everywhere.specificity == 0)
        let topic = PreferenceContext(topic: "law").specificity
        let rest = PreferenceContext(
            task: .coding,
            app: "editor",
            language: "en",
            situation: .urgent
        ).specificity
        #expect(topic > rest)
    }

    @Test("of a tier takes the stricter of two")
    func tiers() {
        #expect(Tier.allCases.sorted() == [.personalizable, .safeguarded, .universal])
        #expect(max(Tier.personalizable, .safeguarded) == .safeguarded)
        #expect(max(Tier.universal, .safeguarded) == .universal)
    }
}
