import Testing

@testable import ChatWire

@Suite("Reading and changing OpenAI Responses answers")
struct ResponsesAnswerTests {
    private func read(event data: String) throws -> (AnswerOutline, [UInt8]) {
        var reader = AnswerReader(.openAIResponses)
        var outline = AnswerOutline()
        let raw = Array("data: \(data)\n\n".utf8)
        try reader.read(event: raw.span, into: &outline)
        return (outline, raw)
    }

    private func read(whole body: String) throws -> (AnswerOutline, [UInt8]) {
        var reader = AnswerReader(.openAIResponses)
        var outline = AnswerOutline()
        let raw = Array(body.utf8)
        try reader.read(whole: raw.span, into: &outline)
        return (outline, raw)
    }

    @Test(
        "A piece is of its item, part and kind, wherever its members stand",
        arguments: [
            ("output_text", "output_text", TextSurface.output, false),
            ("refusal", "refusal", .output, false),
            ("reasoning_text", "reasoning_text", .reasoning, false),
            ("reasoning_summary_text", "reasoning_summary_text", .reasoning, false),
            ("function_call_arguments", "function_call_arguments", .toolArguments, true),
            ("mcp_call_arguments", "mcp_call_arguments", .toolArguments, true),
            ("mcp_call.arguments", "mcp_call_arguments", .toolArguments, true),
            ("custom_tool_call_input", "custom_tool_call_input", .toolArguments, false),
            ("code_interpreter_call_code", "code_interpreter_call_code", .toolArguments, false),
            ("audio.transcript", "audio.transcript", .output, false),
        ]
    )
    func pieces(_ stem: String, _ path: String, _ surface: TextSurface, _ holdsJSON: Bool) throws {
        let index = stem == "reasoning_summary_text" ? "summary_index" : "content_index"
        let (outline, raw) = try read(
            event:
                #"{"delta":"x","output_index":2,"\#(index)":3,"item_id":"i","type":"response.\#(stem).delta","obfuscation":"k3J"}"#
        )
        let field = try #require(outline.fields.first)
        #expect(outline.fields.count == 1 && fields(outline, raw) == ["0 \(path) \(surface) x"])
        #expect(field.channel.item == 2 && field.channel.part == 3)
        #expect(field.continues && !field.repeats && field.holdsJSON == holdsJSON)
        let (done, _) = try read(
            event:
                #"{"type":"response.\#(stem).done","output_index":2,"\#(index)":3,"text":"x","arguments":"x","input":"x","code":"x","refusal":"x","transcript":"x"}"#
        )
        #expect(done.fields.allSatisfy { $0.repeats && !$0.continues })
        #expect(done.ended.contains { $0.contains(field.channel) })
        #expect(done.fields.contains { $0.channel == field.channel } || stem == "audio.transcript")
    }

    @Test("All text of a whole answer is found; names, padding and the request's own words are not")
    func whole() throws {
        let (outline, raw) = try read(
            whole: #"""
                {"id":"resp_1","object":"response","status":"completed","instructions":"own","tools":[{"description":"own"}],
                "metadata":{"k":"own"},"text":{"format":{"type":"own"}},"output":[
                {"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}},
                {"id":"fs_1","type":"file_search_call","queries":["f"],"results":[{"text":"r"}]},
                {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"QUJD"},
                {"id":"m","type":"mcp_call","arguments":"{}","output":"o","name":"n"},
                {"id":"msg","type":"message","role":"assistant","content":[{"type":"output_text","text":"t","annotations":[{"type":"url_citation","title":"a"}],"logprobs":[{"token":"t"}]},{"type":"refusal","refusal":"no"}]}],
                "new_member":"x","error":null}
                """#
        )
        #expect(
            fields(outline, raw) == [
                "0 action.query toolArguments q", "0 queries[0] toolArguments f",
                "0 results[0].text output r", "0 reasoning_summary_text reasoning s",
                "0 mcp_call_arguments toolArguments {}", "0 output output o", "0 name output n",
                "0 output_text output t", "0 annotations[0].title output a", "0 refusal output no",
                "0 new_member output x",
            ]
        )
        #expect(outline.witnesses.count == 2 && outline.fields.allSatisfy { !$0.repeats })
        #expect(outline.endings.map(\.index) == [0])
    }

    @Test("Two outputs, and a type in two spellings, are read by nobody the same way")
    func ambiguous() throws {
        #expect(try read(whole: #"{"output":[],"output":[]}"#).0.isAmbiguous)
        #expect(
            try read(event: #"{"type":"response.output\u005ftext.delta","delta":"x"}"#).0
                .isAmbiguous
        )
        #expect(
            try !read(event: #"{"type":"response.output_text.delta","delta":"x"}"#).0.isAmbiguous
        )
    }

    @Test("Copies of the block in instructions given back go, as a string and as items")
    func echoes() throws {
        let block = #"<user_preferences source=\"prefd\">\nx\n</user_preferences>"#
        func shown(_ instructions: String) throws -> String {
            let body = #"{"instructions":\#(instructions),"output":[]}"#
            return apply(try read(whole: body).0.echoes, to: body)
        }
        #expect(try shown(#""a\n\n\#(block)""#) == #"{"instructions":"a","output":[]}"#)
        #expect(try shown(#""\#(block)""#) == #"{"instructions":null,"output":[]}"#)
        #expect(
            try shown(
                #"[{"role":"developer","content":[{"type":"input_text","text":"a\n\n\#(block)"}]}]"#
            )
                == #"{"instructions":[{"role":"developer","content":[{"type":"input_text","text":"a"}]}],"output":[]}"#
        )
        #expect(try shown(#""a \"b\"""#) == #"{"instructions":"a \"b\"","output":[]}"#)
    }

    @Test(
        "What is open when a block ends the stream is closed as it was shown, each by its own event"
    )
    func closing() {
        var shown = ShownStream(.openAIResponses)
        for data in [
            #"{"type":"response.created","sequence_number":4,"response":{"id":"r","status":"in_progress","output":[]}}"#,
            #"{"type":"response.output_item.added","sequence_number":5,"output_index":0,"item":{"id":"rs","type":"reasoning","encrypted_content":"QQ==","summary":[]}}"#,
            #"{"type":"response.reasoning_summary_part.added","sequence_number":6,"item_id":"rs","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}"#,
            #"{"type":"response.reasoning_summary_text.delta","sequence_number":7,"item_id":"rs","output_index":0,"summary_index":0,"delta":"a\ud83d"}"#,
            #"{"type":"response.reasoning_summary_text.delta","sequence_number":8,"item_id":"rs","output_index":0,"summary_index":0,"delta":"\ude00"}"#,
        ] { shown.note(Array("data: \(data)\n\n".utf8).span) }
        let ending = AnswerReader(.openAIResponses).blockedEnding(choice: 0, after: shown).text
        let item =
            #"{"id":"rs","type":"reasoning","encrypted_content":null,"summary":[{"type":"summary_text","text":"a\ud83d\ude00"}]}"#
        let place = #""item_id":"rs","output_index":0,"summary_index":0"#
        #expect(
            ending.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { $0.dropFirst(6) }
                == [
                    #"{"type":"response.reasoning_summary_text.done","sequence_number":9,\#(place),"text":"a\ud83d\ude00"}"#,
                    #"{"type":"response.reasoning_summary_part.done","sequence_number":10,\#(place),"part":{"type":"summary_text","text":"a\ud83d\ude00"}}"#,
                    #"{"type":"response.output_item.done","sequence_number":11,"output_index":0,"item":\#(item)}"#,
                    #"{"type":"response.incomplete","sequence_number":12,"response":{"id":"r","status":"incomplete","output":[\#(item)],"incomplete_details":{"reason":"content_filter"}}}"#,
                ]
        )
        #expect(
            Dialect.openAIResponses.errorEvent(message: "m", type: "t", code: "c", number: 7).text
                == "event: error\ndata: {\"type\":\"error\",\"sequence_number\":7,\"code\":\"c\",\"message\":\"m\",\"param\":null}\n\n"
        )
    }
}
