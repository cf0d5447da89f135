import FoundationEssentials
import PrefControl
import PrefRules
import Testing

@testable import PrefAPI

@Suite("What the rule engine says, as messages")
struct RuleReportTests {
    private let pack = """
        pack: trial
        rules:
          - id: key
            description: A key
            detect: { regex: 'key-[0-9]{4}' }
            where: [output]
            action: { redact: "[gone]" }
            match: ["my key-1234"]
            pass: ["key"]
          - id: end
            description: An end
            detect: { literal: ["stop here"] }
            where: [output]
            action: block
            match: ["stop here"]
            pass: ["stop there"]
          - id: care
            description: A line to add
            detect: { literal: ["so sad"] }
            where: [output]
            action: { append: "Call someone." }
            match: ["so sad"]
            pass: ["sad"]
        """

    private func rules() throws -> RuleSet {
        try RuleSet(packs: [RulePackSource(name: "trial.yaml", text: pack)])
    }

    @Test("rules are listed with what they look for, where, and what they do")
    func list() throws {
        let list = RuleReports.list(try rules())
        #expect(list.rules.map(\.id) == ["key", "end", "care"])
        #expect(list.rules.map(\.detector) == ["regex", "literal", "literal"])
        #expect(list.rules.map(\.action) == ["redact", "block", "append"])
        #expect(list.rules.first?.where == ["output"])
        #expect(list.rules.first?.cases == 2)
    }

    @Test("a tried text comes out as a client would have got it")
    func trial() async throws {
        let rules = try rules()
        let redacted = try await RuleReports.tryOut(
            RuleTrial(text: "a key-1234 and so sad."),
            inForce: rules,
            judge: { _ in ([], []) }
        )
        #expect(redacted.output == "a [gone] and so sad.\n\nCall someone.")
        #expect(!redacted.blocked)
        #expect(redacted.hits.map(\.rule) == ["key", "care"])
        #expect(redacted.hits.first.map { $0.start..<$0.end } == 2..<10)
        let blocked = try await RuleReports.tryOut(
            RuleTrial(text: "ok, stop here, key-1234"),
            inForce: rules,
            judge: { _ in ([], []) }
        )
        #expect(blocked.blocked)
        #expect(blocked.output == "ok, ")
        let plain = try await RuleReports.tryOut(
            RuleTrial(text: "key-1234", surface: "reasoning"),
            inForce: rules,
            judge: { _ in ([], []) }
        )
        #expect(plain.output == "key-1234")
        #expect(plain.hits.isEmpty)
    }

    @Test("cases that fail, and packs that do not load, are reported with their place")
    func failures() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/rules-" + RandomID.new()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let good = folder + "/good.yaml"
        try Data(pack.replacing("my key-1234", with: "my key").utf8).write(to: URL(filePath: good))
        let test = RuleReports.test(path: folder)
        #expect(!test.ok)
        #expect(test.rules == 3)
        #expect(test.failures.map(\.rule) == ["key"])
        #expect(test.failures.first?.list == "match")
        #expect(test.failures.first?.number == 1)
        #expect(test.failures.first?.text == "my key")
        #expect(!RuleReports.lint(path: good, backends: []).ok)
        try Data(pack.utf8).write(to: URL(filePath: good))
        #expect(RuleReports.lint(path: good, backends: []).rules == 3)
        #expect(RuleReports.lint(path: folder, backends: []).ok)
        try Data(pack.replacing("action: block", with: "action: blok").utf8)
            .write(to: URL(filePath: good))
        let lint = RuleReports.lint(path: folder, backends: [])
        #expect(!lint.ok)
        #expect(lint.problems.first?.file == good)
        #expect(lint.problems.first?.line != nil)
        await #expect(throws: RulesUnreadable.self) {
            try await RuleReports.tryOut(
                RuleTrial(text: "x", directory: folder),
                inForce: rules(),
                judge: { _ in ([], []) }
            )
        }
        #expect(!RuleReports.lint(path: folder + "/none", backends: []).ok)
    }
}
