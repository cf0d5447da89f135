import Foundation
import NIOCore
import PrefRules
import Testing

@testable import ChatWire
@testable import PrefPipeline

@Suite("A stream whose last event has no end")
struct OpenEndTests {
    private func rules() throws -> RuleSet {
        let pack = """
            pack: planted
            rules:
              - id: help
                description: planted
                detect: { literal: [crisis] }
                action: { append: "Call." }
                where: [output]
            """
        return try RuleSet(
            packs: [RulePackSource(name: "planted.yaml", text: pack)],
            runningCases: false
        )
    }

    private func enforce(_ event: String, _ dialect: Dialect) throws -> String {
        var enforcer = AnswerEnforcer(
            dialect,
            rules: try rules(),
            choices: 1,
            expectsUsage: false
        )
        var out = ByteBuffer()
        try enforcer.feed(event: Array(event.utf8).span, into: &out)
        try enforcer.finishStream(into: &out)
        return String(buffer: out)
    }

    @Test("is ended before something is appended")
    func appended() throws {
        let line = #"{"response":"a crisis"}"#
        for end in ["", "\n", "\r\n"] {
            let lines = try enforce(line + end, .ollamaGenerate).split(whereSeparator: \.isNewline)
            #expect(
                lines.count == 2 && lines.first == Substring(line),
                "ended by \(Array(end.utf8))"
            )
        }
        let event = #"data: {"choices":[{"index":0,"delta":{"content":"a crisis"}}]}"#
        for end in ["", "\n", "\n\n", "\r\n\r\n"] {
            let left = try enforce(event + end, .openAIChat).replacing("\r\n", with: "\n")
            let events = left.components(separatedBy: "\n\n").filter { !$0.isEmpty }
            #expect(events.count == 2, "ended by \(Array(end.utf8))")
            #expect(events.allSatisfy { $0.components(separatedBy: "data: ").count == 2 })
        }
    }

    @Test("leaves as it came where nothing is")
    func plain() throws {
        for event in [#"{"response":"fine"}"#, #"{"response":"fine"}"# + "\n"] {
            #expect(try enforce(event, .ollamaGenerate) == event)
        }
    }
}
