import Testing

@testable import PrefModel

@Suite("The vocabulary")
struct VocabularyTests {
    private static let vocabulary = Vocabulary.standard

    /// The contract's table of dimensions: name, values, tier.
    ///
    /// Free forms have no values.
    private static let contract: [(name: String, values: [String], tier: Tier)] = [
        ("verbosity", ["terse", "concise", "balanced", "detailed", "exhaustive"], .personalizable),
        ("tone", ["formal", "neutral", "casual", "playful"], .personalizable),
        ("warmth", ["matter-of-fact", "neutral", "warm"], .personalizable),
        ("directness", ["answer-first", "balanced", "reasoning-first"], .personalizable),
        ("hedging", ["direct", "balanced", "cautious"], .personalizable),
        ("format", ["prose", "bullets", "steps", "tables", "mixed"], .personalizable),
        ("expertise", ["novice", "intermediate", "advanced", "expert"], .personalizable),
        ("examples", ["none", "some", "many"], .personalizable),
        ("reading-level", ["simple", "standard", "advanced"], .personalizable),
        ("language", [], .personalizable),
        ("units", ["metric", "imperial"], .personalizable),
        ("code-style", ["snippet-first", "explained", "commented"], .personalizable),
        ("emoji", ["none", "some"], .personalizable),
        ("clarifying-questions", ["rarely", "when-needed", "often"], .personalizable),
        ("accessibility", ["screen-reader", "dyslexia-friendly", "none"], .personalizable),
        ("risk-tolerance", ["cautious", "balanced", "bold"], .safeguarded),
        ("value-frame", [], .safeguarded),
        ("note", [], .safeguarded),
    ]

    private func accept(_ value: String, _ name: String, topic: String? = nil) throws -> String {
        try Self.vocabulary.accept(
            value,
            for: PreferenceKey(dimension: DimensionID(rawValue: name), context: .init(topic: topic))
        )
    }

    @Test("is the contract's, dimension by dimension")
    func isTheContract() throws {
        #expect(
            Set(Self.vocabulary.dimensions.map(\.id.rawValue)) == Set(Self.contract.map(\.name))
        )
        #expect(Self.vocabulary.dimensions.count == Self.contract.count)
        for (name, values, tier) in Self.contract {
            let dimension = try #require(Self.vocabulary.dimension(DimensionID(rawValue: name)))
            #expect(dimension.allowedValues == values, "\(name)")
            #expect(dimension.tier == tier, "\(name)")
        }
    }

    @Test("has free forms only where the contract has them")
    func kinds() {
        let byKind = Dictionary(grouping: Self.vocabulary.dimensions, by: \.kind)
            .mapValues { Set($0.map(\.id.rawValue)) }
        #expect(byKind[.languageTag] == ["language"])
        #expect(byKind[.freeText] == ["value-frame", "note"])
        for dimension in Self.vocabulary.dimensions {
            #expect((dimension.kind == .choice) == !dimension.values.isEmpty)
            #expect(dimension.requiresTopic == (dimension.id.rawValue == "value-frame"))
            #expect((0...1).contains(dimension.importance))
        }
    }

    @Test("has one line of prompt for each value that needs one, with its placeholders")
    func directives() throws {
        for dimension in Self.vocabulary.dimensions {
            if dimension.kind == .choice {
                for value in dimension.values {
                    guard let directive = value.directive else {
                        #expect(value.value == "none", "\(dimension.id)=\(value.value)")
                        continue
                    }
                    #expect(
                        !directive.isEmpty && !directive.contains("\n") && !directive.contains("{")
                    )
                }
            } else {
                let directive = try #require(dimension.directive)
                #expect(directive.contains("{value}"))
                #expect(directive.contains("{topic}") == dimension.requiresTopic)
            }
        }
        let expertise = try #require(Self.vocabulary.dimension(DimensionID(rawValue: "expertise")))
        let topical = try #require(expertise.topicDirective)
        #expect(topical.contains("{topic}") && topical.contains("{directive}"))
    }

    @Test("gives each dimension a place of its own, and unknown ones the last")
    func positions() {
        let positions = Self.vocabulary.dimensions.map { Self.vocabulary.position(of: $0.id) }
        #expect(positions == Array(0..<positions.count))
        #expect(Self.vocabulary.position(of: DimensionID(rawValue: "unknown")) == .max)
    }

    @Test("takes every value of every choice, in any case")
    func acceptsChoices() throws {
        for (name, values, _) in Self.contract {
            for value in values {
                #expect(try accept(value, name) == value)
                #expect(try accept(value.uppercased(), name) == value)
            }
        }
    }

    @Test("refuses other values and says which there are")
    func refusesValues() throws {
        let refusal = #expect(throws: PreferenceRefusal.self) { try accept("loud", "tone") }
        #expect(refusal?.code == "bad_value")
        #expect(refusal?.description == "tone takes one of formal, neutral, casual, playful.")
        #expect(refusal?.hint == "Choose one of: formal, neutral, casual, playful.")
        for value in ["", " formal", "formal ", "formal\n", "ſormal"] {
            #expect(throws: PreferenceRefusal.self) { try accept(value, "tone") }
        }
    }

    @Test("takes language tags in canonical case")
    func languages() throws {
        #expect(try accept("PT-br", "language") == "pt-BR")
        let refusal = #expect(throws: PreferenceRefusal.self) {
            try accept("klingon please", "language")
        }
        #expect(refusal?.code == "bad_value")
    }

    @Test("takes free text from 1 to 500 characters, counted as people do")
    func freeText() throws {
        #expect(try accept("Short answers, please.", "note") == "Short answers, please.")
        let longest = String(repeating: "👩‍👩‍👧", count: 500)
        #expect(try accept(longest, "note") == longest)
        for value in ["", String(repeating: "a", count: 501)] {
            let refusal = #expect(throws: PreferenceRefusal.self) { try accept(value, "note") }
            #expect(refusal?.code == "bad_value")
        }
    }

    @Test("takes a value frame only for a topic")
    func valueFrame() throws {
        #expect(throws: PreferenceRefusal.topicRequired(DimensionID(rawValue: "value-frame"))) {
            try accept("Liberty first.", "value-frame")
        }
        #expect(try accept("Liberty first.", "value-frame", topic: "politics") == "Liberty first.")
    }

    @Test(
        "refuses what is the same for everyone, and says why",
        arguments: [
            "facts", "safety", "refusals", "accuracy", "harm", "Facts", "SAFETY", "moderation",
            "jailbreak",
        ]
    )
    func universal(name: String) {
        let refusal = #expect(throws: PreferenceRefusal.self) { try accept("off", name) }
        #expect(refusal?.code == "tier_universal")
        #expect(refusal?.description.isEmpty == false)
    }

    @Test(
        "has no dimension for a universal matter in more words",
        arguments: [
            "factual-accuracy", "safety-critical-information", "safety_information",
            "Harmful Content",
            "non-maleficence", "content.filter", "universal-charter",
        ]
    )
    func universalInWords(name: String) {
        let refusal = #expect(throws: PreferenceRefusal.self) { try accept("off", name) }
        #expect(refusal?.code == "tier_universal")
    }

    @Test(
        "takes no free text without anything to read in it",
        arguments: ["", " \n\t", "\u{200B}"]
    )
    func emptyText(value: String) {
        let refusal = #expect(throws: PreferenceRefusal.self) { try accept(value, "note") }
        #expect(refusal?.code == "bad_value")
    }

    @Test("has no dimension for special categories of personal data")
    func specialCategories() {
        for name in [
            "health", "religion", "politics", "sexuality", "ethnicity", "union-membership",
        ] {
            let refusal = #expect(throws: PreferenceRefusal.self) { try accept("x", name) }
            #expect(refusal?.code == "unknown_dimension")
        }
    }

    @Test("names the nearest dimension to a misspelt one, and none to nonsense")
    func nearest() {
        let misspelt = #expect(throws: PreferenceRefusal.self) { try accept("terse", "verbosty") }
        #expect(
            misspelt?.code == "unknown_dimension" && misspelt?.hint == "Did you mean verbosity?"
        )
        let nonsense = #expect(throws: PreferenceRefusal.self) { try accept("x", "xxxxxxxxxxxx") }
        #expect(nonsense == .unknownDimension(DimensionID(rawValue: "xxxxxxxxxxxx"), nearest: nil))
    }

    @Test("repeats nothing that was sent in any refusal")
    func refusalsHoldNoValue() {
        let canary = "canary_7f3a"
        for name in ["tone", "language", "facts", "value-frame", "unknown"] {
            let refusal = #expect(throws: PreferenceRefusal.self) { try accept(canary, name) }
            #expect(refusal.map { ($0.description + $0.hint).contains(canary) } == false)
        }
    }
}
