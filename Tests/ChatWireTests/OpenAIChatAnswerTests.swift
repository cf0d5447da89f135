import Testing

@testable import ChatWire

private func event(_ json: String) throws -> (AnswerOutline, [String]) {
    let raw = Array("event: x\ndata: \(json)\n\n".utf8)
    var reader = AnswerReader(.openAIChat)
    var outline = AnswerOutline()
    try reader.read(event: raw.span, into: &outline)
    return (outline, fields(outline, raw))
}

private func whole(_ json: String) throws -> (AnswerOutline, [String]) {
    let raw = Array(json.utf8)
    var reader = AnswerReader(.openAIChat)
    var outline = AnswerOutline()
    try reader.read(whole: raw.span, into: &outline)
    return (outline, fields(outline, raw))
}

@Suite("Reading OpenAI Chat answers")
struct OpenAIChatAnswerTests {
    private let envelope =
        #""id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","system_fingerprint":"fp","#

    @Test("Text of every choice, its kind and its channel")
    func channels() throws {
        let (outline, found) = try event(
            #"""
            {\#(envelope)"choices":[{"delta":{"role":"assistant","content":"a\n"},"index":1,"finish_reason":null},
            {"index":0,"delta":{"reasoning_content":"r","reasoning":"q","refusal":"no","tool_calls":[
            {"index":3,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},
            "logprobs":{"content":[{"token":"r"}]},"finish_reason":"stop"}],"usage":null}
            """#.replacing("\n", with: "")
        )
        #expect(
            found == [
                "1 content output a\n", "0 reasoning_content reasoning r",
                "0 reasoning reasoning q",
                "0 refusal output no", "0 tool_calls[3].function.name output f",
                "0 tool_calls[3].function.arguments toolArguments {\"x\":1}",
            ]
        )
        #expect(outline.fields[0].hasEscapes && outline.fields[0].continues)
        #expect(outline.fields[5].holdsJSON && outline.fields[5].channel.path == .toolArguments(3))
        #expect(outline.choices.map(\.index) == [1, 0])
        #expect(outline.endings.map(\.index) == [0])
        #expect(outline.witnesses.map(\.subject) == [.choice(0)])
        #expect(!outline.hasUsage && !outline.hasError && !outline.isAmbiguous)
    }

    @Test("Members nobody knew are text; names and seals are not, while they look like it")
    func failClosed() throws {
        let (_, found) = try event(
            #"{"choices":[{"delta":{"new":{"deep":[["x"]]},"type":"free text","id":"id-1","reasoning_details":[{"type":"reasoning.text","text":"t","signature":"QUJD=","format":"f-1","index":2},{"type":"reasoning.encrypted","data":"QUI="}],"signature":"not sealed at all"}}]}"#
        )
        #expect(
            found == [
                "0 new.deep[0][0] output x", "0 type output free text",
                "0 reasoning_details[2].text reasoning t", "0 signature output not sealed at all",
            ]
        )
    }

    @Test("Citations, custom tools, old function calls, parts, audio")
    func shapes() throws {
        let (outline, found) = try whole(
            #"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"annotations":[{"type":"url_citation","url_citation":{"title":"T","url":"http://u"}}],"function_call":{"name":"f","arguments":"{}"},"tool_calls":[{"id":"c","type":"custom","custom":{"name":"n","input":"free"}},{"function":{"arguments":{"city":"Rome"}}}],"audio":{"id":"a","data":"AAAA","transcript":"said"}},"finish_reason":"stop"}],"usage":{"total_tokens":3}}"#
        )
        #expect(
            found == [
                "0 content[].text output a", "0 content[].text output b",
                "0 annotations[0].url_citation.title output T",
                "0 annotations[0].url_citation.url output http://u",
                "0 function_call.name output f",
                "0 function_call.arguments toolArguments {}",
                "0 tool_calls[0].custom.name output n",
                "0 tool_calls[0].custom.input toolArguments free",
                "0 tool_calls[1].function.arguments.city toolArguments Rome",
                "0 audio.transcript output said",
            ]
        )
        #expect(outline.fields.allSatisfy { !$0.continues })
        #expect(outline.fields.map(\.holdsJSON).filter { $0 }.count == 1)
        #expect(outline.hasUsage)
    }

    @Test("Text outside of choices belongs to no choice")
    func outside() throws {
        let (outline, found) = try event(
            #"{"error":{"message":"m","failed_generation":"g","code":"c"},"citations":["u"],"choices":[]}"#
        )
        #expect(
            found == [
                "-1 error.message output m", "-1 error.failed_generation output g",
                "-1 error.code output c", "-1 citations[0] output u",
            ]
        )
        #expect(outline.hasError && outline.choices.isEmpty)
        #expect(try whole(#"{"error":"text"}"#).0.hasError)
    }

    @Test("Two members of one name are both found, and said to be ambiguous")
    func duplicates() throws {
        let (outline, found) = try event(
            #"{"choices":[{"delta":{"content":"a","cont\u0065nt":"b","content":"c"}}]}"#
        )
        #expect(
            found == [
                "0 content output a", "0 content#2 output b", "0 content#3 output c",
            ]
        )
        #expect(outline.isAmbiguous)
        for json in [
            #"{"choices":[],"choices":[{"delta":{"content":"x"}}]}"#,
            #"{"choices":[{"delta":{},"delta":{"content":"x"}}]}"#,
            #"{"choices":[{"index":0,"index":1,"delta":{"content":"x"}}]}"#,
        ] {
            let (outline, found) = try event(json)
            #expect(outline.isAmbiguous && found.count == 1)
        }
    }

    @Test(
        "Unusual shapes are read, not passed over",
        arguments: [
            (#""text""#, "-1  output text"), (#"["text"]"#, "-1 [0] output text"),
            (#"{"choices":"text"}"#, "-1 choices output text"),
            (#"{"choices":["text"]}"#, "0  output text"),
            (#"{"choices":[{"delta":"text"}]}"#, "0  output text"),
            (
                #"{"choices":{"a":{"delta":{"content":"text"}}}}"#,
                "-1 choices.a.delta.content output text"
            ),
            (#"{"choices":[{"index":5,"text":"text"}]}"#, "5 text output text"),
            (
                #"{"choices":[{"finish_reason":"not a reason"}]}"#,
                "0 finish_reason output not a reason"
            ),
            (#"{"id":"it has spaces"}"#, "-1 id output it has spaces"),
            (
                #"{"Choices":[{"delta":{"content":"text"}}]}"#,
                "-1 Choices[0].delta.content output text"
            ),
        ]
    )
    func shapes(json: String, field: String) throws {
        #expect(try event(json).1 == [field])
    }

    @Test("The end of the stream, pings and what is not JSON are told apart")
    func kinds() throws {
        var reader = AnswerReader(.openAIChat)
        var outline = AnswerOutline()
        func kind(_ text: String) throws -> AnswerOutline.Kind {
            try reader.read(event: Array(text.utf8).span, into: &outline)
            return outline.kind
        }
        #expect(try kind("data: [DONE]\n\n") == .done)
        #expect(try kind("data:[DONE] \n\n") == .done)
        #expect(try kind(": OPENROUTER PROCESSING\n\n") == .noData)
        #expect(try kind("data:\n\n") == .noData)
        #expect(try kind("data: {\"choices\":[]}\n\n") == .answer)
        for text in [
            "data: hello\n\n", "data: {\"a\":\n\n", "data: [DONE]x\n\n", "data: {} {}\n\n",
        ] {
            #expect(throws: JSONError.self) { try kind(text) }
        }
    }

    @Test("Data over several lines is read, with ranges in the raw bytes")
    func multiline() throws {
        let raw = Array(
            "data: {\"choices\":[{\"index\":1,\ndata:  \"delta\":{\"content\"\r\ndata: :\"te\\u0078t\"}}]}\n\n"
                .utf8
        )
        var reader = AnswerReader(.openAIChat)
        var outline = AnswerOutline()
        try reader.read(event: raw.span, into: &outline)
        #expect(fields(outline, raw) == ["1 content output text"])
        let splice = outline.fields[0].splice(replacing: 2..<4, with: "!", in: raw.span)
        #expect(Splice.apply([splice], to: raw.span).text.contains(#""te!""#))
    }

    @Test("Every string of any document, for bodies in no known shape")
    func everyString() throws {
        let raw = Array(#"{"id":"a","x":[{"type":"b"},["c"]],"n":1}"#.utf8)
        var outline = AnswerOutline()
        try AnswerReader.readEveryString(raw.span, into: &outline)
        #expect(fields(outline, raw).map { $0.suffix(1) } == ["a", "b", "c"])
    }

    // Where a key or a level were compared with all the others, this would take hours.
    @Test(
        "Depth, breadth, repeated and long keys cost no more than their bytes",
        .timeLimit(.minutes(10))
    )
    func hostile() throws {
        let deep =
            String(repeating: #"{"a":["#, count: 250)
            + #""x""# + String(repeating: "]}", count: 250)
        #expect(try event(#"{"choices":[{"delta":\#(deep)}]}"#).1.count == 1)
        let many = (0..<50_000).map { _ in #""k":"v""# }.joined(separator: ",")
        #expect(try event(#"{"choices":[{"delta":{\#(many)}}]}"#).1.count == 50_000)
        let longKey = String(repeating: "k", count: 1 << 20)
        let strings = (0..<20_000).map { _ in #""v""# }.joined(separator: ",")
        #expect(
            try event(#"{"choices":[{"delta":{"\#(longKey)":[\#(strings)]}}]}"#).1.count == 20_000
        )
        let nested =
            String(repeating: #"[{"index":1,"a":"#, count: 200)
            + "[\(strings)]" + String(repeating: "}]", count: 200)
        #expect(try event(#"{"choices":[{"delta":{"c":\#(nested)}}]}"#).1.count == 20_000)
    }
}
