import NIOCore
import PrefRules
import Testing

@testable import ChatWire
@testable import PrefPipeline

@Suite("Answers of many texts")
struct ManyTextsTests {
    private func rules() throws -> RuleSet {
        let pack =
            "pack: test\nrules:\n  - { id: secret, description: d, detect: { literal: [sekret] }, "
            + "action: { redact: '***' }, where: [output, reasoning, tool_args] }\n"
        return try RuleSet(
            packs: [RulePackSource(name: "test.yaml", text: pack)],
            runningCases: false
        )
    }

    @Test(
        "a match that comes in pieces is found in each of many tool calls",
        arguments: [3, 16, 17, 60]
    )
    func manyToolCalls(count: Int) throws {
        var enforcer = AnswerEnforcer(
            .openAIChat,
            rules: try rules(),
            choices: 1,
            expectsUsage: false
        )
        var out = ByteBuffer()
        for piece in ["sek", "ret!"] {
            for call in 0..<count {
                let event =
                    #"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":\#(call),"#
                    + #""function":{"arguments":"\#(piece)"}}]},"finish_reason":null}]}"# + "\n\n"
                try enforcer.feed(event: Array(event.utf8).span, into: &out)
            }
        }
        try enforcer.finishStream(into: &out)
        let text = String(buffer: out)
        #expect(!text.contains("sek") && !text.contains(#""ret"#))
        #expect(enforcer.hits.count == count)
    }

    @Test("of many choices each one's reasoning ends where its own answer begins")
    func manyReasonings() throws {
        var enforcer = AnswerEnforcer(
            .openAIChat,
            rules: try rules(),
            choices: 20,
            expectsUsage: false
        )
        func event(_ choice: Int, _ delta: String) -> [UInt8] {
            Array(#"data: {"choices":[{"index":\#(choice),"delta":{\#(delta)}}]}"#.utf8) + [10, 10]
        }
        var out = ByteBuffer()
        let reasonings = (0..<20).map { event($0, #""reasoning_content":"sek""#) }
        for each in reasonings { try enforcer.feed(event: each.span, into: &out) }
        #expect(out.readableBytes == 0)
        try enforcer.feed(event: event(0, #""content":"Hi.""#).span, into: &out)
        #expect(Array(buffer: out) == reasonings[0])
    }
}
