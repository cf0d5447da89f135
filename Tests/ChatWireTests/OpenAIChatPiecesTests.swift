import Testing

@testable import ChatWire

@Suite("Changing OpenAI Chat answers")
struct OpenAIChatPiecesTests {
    private let chunk = Array(
        #"data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":12,"model":"gpt-x","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"hello"},"logprobs":{"content":[]},"finish_reason":null},{"index":1,"delta":{"content":"b"},"finish_reason":null}]}\#n\#n"#
            .replacing(#"\#n"#, with: "\n").utf8
    )

    private func reader(_ outline: inout AnswerOutline) throws -> AnswerReader {
        var reader = AnswerReader(.openAIChat)
        try reader.read(event: chunk.span, into: &outline)
        return reader
    }

    @Test("Events of prefd's own have the backend's envelope and are read back as what they say")
    func events() throws {
        var outline = AnswerOutline()
        var reader = try reader(&outline)
        #expect(
            reader.blockedEnding(choice: 1, after: ShownStream(.openAIChat)).text
                == "data: {\"id\":\"chatcmpl-9\",\"object\":\"chat.completion.chunk\",\"created\":12,\"model\":\"gpt-x\",\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":1,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"content_filter\"}]}\n\n"
        )
        #expect(reader.streamEnd.text == "data: [DONE]\n\n")
        let event = reader.textEvents("say \"é\"\n", choice: 3, after: ShownStream(.openAIChat))
        try reader.read(event: event.span, into: &outline)
        #expect(outline.fields.map(\.channel) == [ChannelID(choice: 3, path: .content)])
        #expect(fields(outline, event)[0].hasSuffix(" say \"é\"\n"))
    }

    @Test("Before any event the envelope is well-formed all the same")
    func noEnvelope() throws {
        let event = AnswerReader(.openAIChat).blockedEnding(
            choice: 0,
            after: ShownStream(.openAIChat)
        )
        var reader = AnswerReader(.openAIChat)
        var outline = AnswerOutline()
        try reader.read(event: event.span, into: &outline)
        #expect(outline.endings.map(\.index) == [0])
    }

    @Test("Logprobs are nulled, choices taken out or ended, the rest stays")
    func edits() throws {
        var outline = AnswerOutline()
        let reader = try reader(&outline)
        let original = chunk.text
        let nulled = Splice.apply(outline.witnesses.map(\.removal), to: chunk.span).text
        #expect(nulled == original.replacing(#"{"content":[]}"#, with: "null"))
        let told = (0...1).map { choice in
            outline.witnesses.map { $0.tells(of: ChannelID(choice: choice, path: .content)) }
        }
        #expect(told == [[true], [false]])
        func without(_ choices: Set<Int>) throws -> [Int] {
            var reader = reader
            var left = AnswerOutline()
            let bytes = Splice.apply(
                reader.splices(removing: choices, from: outline),
                to: chunk.span
            )
            try reader.read(event: bytes.span, into: &left)
            return left.choices.map(\.index)
        }
        #expect(try without([]) == [0, 1])
        #expect(try without([0]) == [1])
        #expect(try without([1]) == [0])
        #expect(try without([0, 1]) == [])
        let blocked = Splice.apply(reader.splices(blocking: 0, in: outline), to: chunk.span).text
        #expect(!blocked.contains("hello") && blocked.contains(#"{"content":"b"}"#))
        #expect(
            blocked.contains(
                #"{"index":0,"delta":{},"logprobs":null,"finish_reason":"content_filter"}"#
            )
        )
    }

    @Test("A blocked choice of a whole answer keeps nothing of what the model wrote")
    func blockedWhole() throws {
        let body = Array(
            #"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"SECRET","tool_calls":[{"function":{"arguments":"SECRET"}}]},"logprobs":{"content":[{"token":"SECRET"}]},"finish_reason":"stop","extra":"SECRET"}, {"index":1,"message":{"content":"fine"},"finish_reason":"stop"}],"usage":{"total_tokens":9}}"#
                .utf8
        )
        var reader = AnswerReader(.openAIChat)
        var outline = AnswerOutline()
        try reader.read(whole: body.span, into: &outline)
        let result = Splice.apply(
            reader.splices(blocking: 0, in: outline) + outline.witnesses.map(\.removal),
            to: body.span
        )
        #expect(!result.text.contains("SECRET"))
        #expect(
            result.text.hasSuffix(
                #", {"index":1,"message":{"content":"fine"},"finish_reason":"stop"}],"usage":{"total_tokens":9}}"#
            )
        )
        try reader.read(whole: result.span, into: &outline)
        #expect(outline.choices.map(\.index) == [0, 1] && outline.endings.count == 2)
    }

    @Test("A replacement is escaped once, and twice where the text is JSON itself")
    func replacing() throws {
        let raw = Array(
            #"{"choices":[{"message":{"content":"my \"key\" é","tool_calls":[{"function":{"arguments":"{\"k\":\"a\\nkey\"}"}}]}}]}"#
                .utf8
        )
        var reader = AnswerReader(.openAIChat)
        var outline = AnswerOutline()
        try reader.read(whole: raw.span, into: &outline)
        let splices = outline.fields.map { field in
            var text: [UInt8] = []
            field.decode(raw.span, into: &text)
            let start =
                text.text.utf8.firstRange(of: "key".utf8).map {
                    text.text.utf8.distance(from: text.text.utf8.startIndex, to: $0.lowerBound)
                } ?? 0
            return field.splice(replacing: start..<start + 3, with: "[\"x\"]", in: raw.span)
        }
        let result = Splice.apply(splices, to: raw.span)
        #expect(
            result.text
                == #"{"choices":[{"message":{"content":"my \"[\"x\"]\" é","tool_calls":[{"function":{"arguments":"{\"k\":\"a\\n[\\\"x\\\"]\"}"}}]}}]}"#
        )
        try reader.read(whole: result.span, into: &outline)
        var arguments: [UInt8] = []
        outline.fields[1].decode(result.span, into: &arguments)
        try JSON.validate(arguments.span)
    }

    @Test("Errors in OpenAI's envelope")
    func errors() {
        #expect(
            Dialect.openAIChat.errorBody(
                message: "a \"b\"",
                type: "invalid_request_error",
                param: "n"
            ).text
                == #"{"error":{"message":"a \"b\"","type":"invalid_request_error","param":"n","code":null}}"#
        )
        #expect(
            Dialect.openAIChat.errorEvent(message: "m", type: "t", code: "c").text
                == "data: {\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}}\n\n"
        )
    }
}
