import Testing

@testable import PrefRules

@Suite("Rules that ask a model")
struct ClassifierTests {
    private static func pack(_ detector: String, action: String = "block", more: String = "")
        -> String
    {
        rule("guard", "{ classifier: { \(detector) } }", action: action, more: more)
    }

    private static let usual =
        "backend: b, endpoint: moderation, model: m, timeout: 2s, on_failure: closed"
    private static let chat =
        "backend: b, endpoint: chat, model: m, timeout: 500ms, on_failure: open"

    private func problems(_ rules: String) -> [String] {
        do {
            _ = try ruleSet(rules)
            return []
        } catch {
            return (error as? RuleError)?.problems.map(\.message) ?? ["\(error)"]
        }
    }

    /// Asks about a text in pieces and answers `isUnsafe` to each question.
    private func judge(
        _ rules: RuleSet,
        _ text: String,
        cuts: [Int] = [],
        _ isUnsafe: (String) -> Bool
    ) -> (verdicts: [Verdict], windows: [Range<Int>], asked: [String]) {
        let bytes = Array(text.utf8)
        var scanner = rules.scanner(for: .output)
        var verdicts: [Verdict] = []
        var windows: [Range<Int>] = []
        var asked: [String] = []
        func settle() {
            for question in scanner.takeQuestions() {
                if question.classifier.holds {
                    #expect(scanner.decidedOffset <= question.window.lowerBound)
                }
                windows.append(question.window)
                asked.append(question.text)
                scanner.answer(question, isUnsafe: isUnsafe(question.text))
            }
            verdicts += scanner.takeVerdicts()
        }
        var start = 0
        for cut in cuts + [bytes.count] {
            scanner.feed(bytes[start..<cut].span)
            settle()
            start = cut
        }
        scanner.finish()
        settle()
        #expect(scanner.decidedOffset == bytes.count)
        return (verdicts, windows, asked)
    }

    @Test("what is missing, misspelt, or for another endpoint is said")
    func errors() {
        #expect(
            problems(
                Self.pack("backend: b, endpoint: moderate, model: m, timeout: 2, categories: []")
            )
                == [
                    "'classifier' of 'detect' of rule guard has no 'on_failure'; add one",
                    "'endpoint' of 'classifier' of 'detect' of rule guard is 'moderate'; did you"
                        + " mean 'moderation'?",
                    "'timeout' of 'classifier' of 'detect' of rule guard is '2'; write a time up to 60s,"
                        + " such as 500ms or 2s",
                    "'categories' of 'classifier' of 'detect' of rule guard is an empty list; give it an"
                        + " entry",
                ]
        )
        #expect(
            problems(Self.pack(Self.usual + ", unsafe_when: bad, threshold: 2"))
                == [
                    "'threshold' of 'classifier' of 'detect' of rule guard must be a number above 0 and"
                        + " up to 1, such as 0.5",
                    "'unsafe_when' of 'classifier' of 'detect' of rule guard has no meaning with"
                        + " 'endpoint: moderation'",
                    "'classifier' of 'detect' of rule guard needs both unsafe_when and safe_when, or"
                        + " neither: an answer that says neither is no verdict",
                ]
        )
        #expect(
            problems(Self.pack(Self.chat + ", unsafe_when: '(', safe_when: ok")).first?
                .contains("the group is not closed") == true
        )
        for timeout in ["61s", "0s", "1m", "-1s", "99999999999999999999s"] {
            let detector = Self.usual.replacing("2s", with: timeout)
            #expect(problems(Self.pack(detector)).first?.contains("write a time up to 60s") == true)
        }
    }

    @Test("actions and keys that make no sense for a model are refused")
    func senseless() {
        #expect(
            problems(Self.pack(Self.usual, action: "{ append: x }")).first?
                .contains("can only be block, redact, replace or flag") == true
        )
        #expect(
            problems(Self.pack(Self.usual, action: "flag")).first?
                .contains("is flag, which closes nothing") == true
        )
        for key in ["validate: luhn", "see_through: base64", "case: sensitive"] {
            #expect(
                problems(Self.pack(Self.usual, more: key)).first?.contains("no meaning for a model")
                    == true
            )
        }
        #expect(problems(Self.pack(Self.chat, action: "flag")) == [])
    }

    @Test("a backend that is not there is named with its place and the nearest there is")
    func backends() throws {
        let rules = try ruleSet(Self.pack(Self.usual))
        try rules.checkBackends(among: ["a", "b"])
        do {
            try rules.checkBackends(among: ["bb"])
            Issue.record("it passed")
        } catch {
            #expect(error.problems.first?.line == 5)
            #expect(error.description.contains("did you mean 'bb'?"))
        }
        #expect(throws: RuleError.self) { try rules.checkBackends(among: []) }
    }

    @Test("cases of such a rule are not run, for want of a model")
    func cases() throws {
        let rules = try ruleSet(Self.pack(Self.usual, more: "match: [x]"), runningCases: true)
        #expect(rules.runCases().isEmpty)
        #expect(rules.explain("x", surface: .output).isEmpty)
    }

    @Test("windows end with sentences, are the same for every cut, and cover all of a text")
    func windows() throws {
        let rules = try ruleSet(Self.pack(Self.usual, action: "redact"))
        let sentence = "A sentence of some length, for the sake of it. "
        let wide = String(repeating: "这是一个很长的句子，没有什么意思。", count: 20)
        let hindi = String(repeating: "यह एक वाक्य है। ", count: 20)
        let endless =
            String(repeating: "x", count: 5000) + "é" + String(repeating: "ü", count: 3000)
        let blank = String(repeating: " \n", count: 400)
        for text in [
            String(repeating: sentence, count: 40), wide, hindi, endless, blank + sentence,
        ] {
            let whole = judge(rules, text) { $0.count % 2 == 0 }
            var place = 0
            for window in whole.windows {
                #expect(window.lowerBound >= place)
                #expect(window.count <= ClassifierWindows.longestSentences + 3)
                let between = Array(text.utf8)[place..<window.lowerBound]
                #expect(between.allSatisfy { $0 <= 0x20 })
                place = window.upperBound
            }
            #expect(place == text.utf8.count)
            #expect(!whole.asked.contains { $0.contains("\u{fffd}") })
            var random = SplitMix64(state: 7)
            for step in [1, 7, 100] {
                var cuts: [Int] = []
                while let next = Optional(
                    (cuts.last ?? 0) + Int.random(in: 1...step, using: &random)
                ),
                    next < text.utf8.count
                {
                    cuts.append(next)
                }
                let cut = judge(rules, text, cuts: cuts) { $0.count % 2 == 0 }
                #expect(cut.verdicts == whole.verdicts)
                #expect(cut.asked == whole.asked)
            }
        }
    }

    @Test("a window is shown behind what stands before it")
    func context() throws {
        let rules = try ruleSet(Self.pack(Self.usual))
        let first = String(repeating: "Words, words. ", count: 20)
        let asked = judge(rules, first + "And the end.") { _ in false }.asked
        #expect(asked.count == 2)
        #expect(asked.last?.hasSuffix("And the end.") == true)
        #expect(asked.last?.hasPrefix("Words, words. ") == true)
        let longest = ClassifierWindows.context + ClassifierWindows.longestSentences + 3
        #expect(asked.allSatisfy { $0.utf8.count <= longest })
    }

    @Test("a whole answer is one window, cut where it is too long")
    func answer() throws {
        let rules = try ruleSet(Self.pack(Self.usual + ", window: answer"))
        let text = String(repeating: "Words, words. ", count: 3000)
        #expect(judge(rules, text) { _ in false }.windows == [0..<text.utf8.count])
        let long = String(repeating: text, count: 4)
        let windows = judge(rules, long) { _ in false }.windows
        #expect(windows.first == 0..<ClassifierWindows.longestAnswer)
        #expect(windows.last?.upperBound == long.utf8.count)
    }

    @Test("an unsafe window is one verdict with what other rules found in it")
    func joined() throws {
        let other = rule("word", "{ literal: [secret] }", action: "{ replace: w }")
        let rules = try ruleSet(Self.pack(Self.usual) + other)
        let text = "It is a secret, and a bad one."
        let unsafe = judge(rules, text) { _ in true }.verdicts
        #expect(unsafe.map(\.ruleIDs) == [["guard", "word"]])
        #expect(unsafe.map(\.range) == [0..<text.utf8.count])
        #expect(judge(rules, text) { _ in false }.verdicts.map(\.ruleIDs) == [["word"]])
    }

    @Test("a rule that only records holds nothing")
    func flags() throws {
        let rules = try ruleSet(Self.pack(Self.chat, action: "flag"))
        var scanner = rules.scanner(for: .output)
        scanner.feed("Some words")
        #expect(scanner.decidedOffset == 10)
        scanner.finish()
        for question in scanner.takeQuestions() { scanner.answer(question, isUnsafe: true) }
        #expect(scanner.takeVerdicts().map(\.action) == [.flag])
    }

    @Test("a rule asks only about its own texts")
    func surfaces() throws {
        let rules = try ruleSet(Self.pack(Self.usual, more: "where: [reasoning]"))
        var scanner = rules.scanner(for: .output)
        scanner.feed("Some words")
        scanner.finish()
        #expect(scanner.takeQuestions().isEmpty)
    }

    @Test("what a guard model answers is a verdict only if it says one")
    func guardAnswers() throws {
        let usual = try ruleSet(Self.pack(Self.chat)).classifiers[0]
        #expect(usual.isUnsafe(answer: "unsafe\nS1,S2") == true)
        #expect(usual.isUnsafe(answer: "\n\nsafe") == false)
        #expect(usual.isUnsafe(answer: "Safe") == false)
        #expect(usual.isUnsafe(answer: "It is unsafe to say") == nil)
        #expect(usual.isUnsafe(answer: "") == nil)
        let own = try ruleSet(Self.pack(Self.chat + ", unsafe_when: '^yes', safe_when: '^no\\b'"))
            .classifiers[0]
        #expect(own.isUnsafe(answer: "Yes, since") == true)
        #expect(own.isUnsafe(answer: "No.") == false)
        #expect(own.isUnsafe(answer: "Nothing") == nil)
    }
}
