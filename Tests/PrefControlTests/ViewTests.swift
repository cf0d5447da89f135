import FoundationEssentials
import PrefControl
import PrefModel
import Testing

@testable import prefctl

@Suite("Answers for people")
struct ViewTests {
    private let at = Date(timeIntervalSince1970: 1_795_464_000)

    private func entry(_ dimension: String, _ value: String, _ context: PreferenceContext)
        -> PreferenceEntry
    {
        PreferenceEntry(
            Preference(
                key: PreferenceKey(dimension: DimensionID(rawValue: dimension), context: context),
                value: value,
                source: .explicit,
                setAt: at,
                confirmedAt: at
            ),
            tier: .personalizable
        )
    }

    @Test("a context reads as words")
    func context() {
        #expect(Words.context(.everywhere) == "everywhere")
        let narrow = PreferenceContext(task: .coding, app: "ide", language: "en", topic: "law")
        #expect(Words.context(narrow) == "task coding, app ide, language en, topic law")
    }

    @Test("times are in UTC, to the minute")
    func times() {
        #expect(Words.time(Date(timeIntervalSince1970: 0)) == "1970-01-01 00:00Z")
        #expect(Words.day(Date(timeIntervalSince1970: 86_400)) == "1970-01-02")
    }

    @Test("what is set is a table, and free text stands below it")
    func list() {
        let note = "I am a nurse who works nights and reads on a phone."
        let list = PreferenceList(preferences: [
            entry("verbosity", "concise", PreferenceContext(task: .coding)),
            entry("note", note, .everywhere),
        ])
        let view = PreferenceViews.list(list, .plain)
        let lines = view.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("verbosity  concise  task coding"))
        #expect(lines[2] == "note (everywhere): \(note)")
    }

    @Test("one dimension shows the value in force above all that is set")
    func one() {
        let narrow = entry("verbosity", "terse", PreferenceContext(task: .coding))
        let dimension = DimensionID(rawValue: "verbosity")
        let answer = DimensionPreferences(
            dimension: dimension,
            tier: .personalizable,
            value: "terse",
            preferences: [narrow]
        )
        #expect(PreferenceViews.one(answer, .plain).hasPrefix("verbosity = terse\nDIMENSION"))
        let other = DimensionPreferences(
            dimension: dimension,
            tier: .personalizable,
            value: nil,
            preferences: [narrow]
        )
        #expect(PreferenceViews.one(other, .plain).hasPrefix("verbosity is not set here\n"))
    }

    @Test("nothing set says what to do next")
    func nothing() {
        #expect(PreferenceViews.list(PreferenceList(preferences: []), .plain).contains("get --all"))
    }

    @Test("an explanation shows the block, what stayed out and which rules fired")
    func explanation() {
        let key = PreferenceKey(dimension: DimensionID(rawValue: "verbosity"))
        let explanation = Explanation(
            id: "req-1",
            at: at,
            endpoint: "/v1/chat/completions",
            model: "m",
            backend: "local",
            context: RequestContext(app: "cli"),
            tier: .personalizable,
            mode: .on,
            block: "Be concise.\nCharter\u{1B}.",
            injected: [
                Directive(key: key, value: "concise", source: .explicit, text: "Be concise.")
            ],
            withheld: [WithheldDirective(key: key, value: "terse", reason: .overridden)],
            rules: [RuleHit(rule: "aws", action: "redact", surface: "output", choice: 0)],
            status: 200
        )
        let view = ExplanationViews.explanation(explanation, .plain)
        #expect(view.contains("  | Be concise.\n  | Charter\u{FFFD}."))
        #expect(view.contains("one that you set here, or for a narrower context, won"))
        #expect(view.contains("aws   redact  output  0"))
        #expect(!view.contains("\u{1B}"))
    }

    @Test("a problem in a file has the form that editors jump to")
    func problem() {
        let problem = FileProblem(
            file: "/a.yaml",
            line: 3,
            column: 7,
            message: "bad",
            hint: "mend it"
        )
        #expect(ServiceViews.problem(problem) == "/a.yaml:3:7: bad\n  mend it")
    }

    @Test("a setting on the command line is dimension=value, and the value may hold an equals sign")
    func setting() throws {
        let setting = try SettingArgument("note=a=b")
        #expect(setting.dimension.rawValue == "note")
        #expect(setting.value == "a=b")
        for bad in ["note", "=x", "note=", ""] {
            #expect(throws: (any Error).self) { try SettingArgument(bad) }
        }
    }

    @Test("a new rule pack is YAML, with its texts quoted")
    func ruleScaffold() {
        let scaffold = RuleScaffold(
            pack: "house",
            id: "ticket",
            description: "It's ours",
            literals: [],
            regex: "\\bACME-\\d{6}\\b",
            action: "redact",
            match: ["see\nACME-123456", "\"it\": 'ACME-123456"],
            pass: []
        )
        #expect(
            scaffold.yaml == """
                pack: house
                rules:
                  - id: ticket
                    description: 'It''s ours'
                    detect: { regex: '\\bACME-\\d{6}\\b' }
                    where: [output, reasoning, tool_args]
                    action: redact
                    # Texts in which it must match, and such as look alike and must stay.
                    match:
                      - "see\\nACME-123456"
                      - '"it": ''ACME-123456'
                    # pass: ['…']

                """
        )
    }
}
