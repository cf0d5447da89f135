import Testing

@testable import ChatWire

@Suite("Reading OpenAI Responses requests")
struct ResponsesRequestTests {
    private func read(_ body: String) throws(WireError) -> ChatRequestOutline {
        try Dialect.openAIResponses.readRequest(Array(body.utf8).span)
    }

    private func texts(_ outline: ChatRequestOutline, _ body: String) -> [String] {
        let bytes = Array(body.utf8)
        return outline.lastUserTexts.map { JSONString.decoded(bytes.span, $0) }
    }

    @Test("Model, stream, ids and the last user's texts are found")
    func values() throws {
        let body = #"""
            {"model":"m","stream":true,"user":"u","safety_identifier":"s","metadata":{"user_id":"d"},
            "input":[{"role":"user","content":"one"},{"type":"function_call","name":"f","arguments":"{}"},
            {"type":"reasoning","content":[{"type":"reasoning_text","text":"no"}],"summary":[]},
            {"type":"message","role":"user","content":[{"type":"input_text","text":"two"},
            {"type":"input_image","image_url":"x"},{"type":"input_text","text":"three"}]},
            {"role":"assistant","content":[{"type":"output_text","text":"four"}]}]}
            """#
        let outline = try read(body)
        #expect(outline.model == "m" && outline.stream && outline.choices == 1)
        #expect(outline.endUser.user == "u" && outline.endUser.safetyIdentifier == "s")
        #expect(outline.endUser.metadataUserID == "d")
        #expect(outline.userTurns == 2 && outline.messageCount == 5)
        #expect(texts(outline, body) == ["two", "three"])
        #expect(outline.takesBlock && outline.splice(reminding: "x") == nil)
        let string = #"{"input":"Hi"}"#
        let short = try read(string)
        #expect(short.userTurns == 1 && texts(short, string) == ["Hi"])
        #expect(try read("{}").takesBlock)
    }

    @Test("The block goes to one end of the instructions or the other")
    func placement() throws {
        func placed(_ body: String, _ placement: PreferenceBlock.Placement) throws -> String {
            apply(try read(body).splices(inserting: "B", placement: placement), to: body)
        }
        let body = #"{"instructions":"I","input":[{"role":"system","content":"S"}]}"#
        #expect(try placed(body, .end) == body.replacing(#""I""#, with: #""I\n\nB""#))
        #expect(try placed(body, .start) == body.replacing(#""I""#, with: #""B\n\nI""#))
        #expect(try placed("{}", .end) == #"{"instructions":"B"}"#)
        #expect(try placed("{\n }", .end) == "{\"instructions\":\"B\"\n }")
        #expect(try placed(#"{"instructions":""}"#, .end) == #"{"instructions":"B"}"#)
    }

    @Test(
        "What could be read another way, or cannot be served, is refused with the member at fault",
        arguments: [
            (#"{"input":1}"#, "input"), (#"{"input":["x"]}"#, "input[0]"),
            (#"{"input":[{"role":1}]}"#, "input[0].role"),
            (#"{"input":[{"role":"user","content":1}]}"#, "input[0].content"),
            (#"{"input":[{"role":"user","Role":"x"}]}"#, "input[0].role"),
            (
                #"{"input":[{"role":"user","content":[{"type":"input_text"}]}]}"#,
                "input[0].content[0].text"
            ),
            (#"{"instructions":[]}"#, "instructions"),
            (#"{"instructions":"a","instructions":"b"}"#, "instructions"),
            (#"{"Instructions":"a"}"#, "instructions"), (#"{"stream":"yes"}"#, "stream"),
            (#"{"background":true}"#, "background"), (#"{"model":null}"#, "model"),
        ]
    )
    func refused(_ body: String, _ param: String) {
        #expect(throws: WireError.self) { try read(body) }
        do throws(WireError) { _ = try read(body) } catch { #expect(error.param == param) }
    }

    @Test("Background that is off is served")
    func foreground() throws {
        #expect(try read(#"{"background":false,"input":"x"}"#).userTurns == 1)
    }

    @Test(
        "Whether earlier turns are with the backend, and after which response",
        arguments: [
            (#"{"input":"x"}"#, nil, false),
            (#"{"input":"x","previous_response_id":"resp_1"}"#, "resp_1", true),
            (#"{"input":"x","previous_response_id":null,"conversation":null}"#, nil, false),
            (#"{"input":"x","conversation":{"id":"conv_1"}}"#, nil, true),
        ] as [(String, String?, Bool)]
    )
    func carriedOn(_ body: String, _ previous: String?, _ elsewhere: Bool) throws {
        let outline = try read(body)
        #expect(outline.previousResponse == previous)
        #expect(outline.continuesElsewhere == elsewhere)
    }

    @Test(
        "The conversation that it is added to, in either spelling",
        arguments: [
            (#"{"input":"x","conversation":{"id":"conv_1"}}"#, "conv_1"),
            (#"{"input":"x","conversation":"conv_\u0031"}"#, "conv_1"),
            (#"{"input":"x","conversation":{"id":1}}"#, nil),
            (#"{"input":"x","conversation":{}}"#, nil), (#"{"input":"x","conversation":7}"#, nil),
            (#"{"input":"x"}"#, nil),
        ] as [(String, String?)]
    )
    func conversation(_ body: String, _ id: String?) throws {
        #expect(try read(body).conversation == id)
    }

    @Test("The user's messages before the last are found, the latest first")
    func earlierMessages() throws {
        let body =
            #"{"input":[{"role":"user","content":"a"},{"role":"assistant","content":"-"},"#
            + #"{"role":"user","content":"b"},{"role":"user","content":"c"}]}"#
        let outline = try read(body)
        let bytes = Array(body.utf8)
        let texts = outline.earlierUserTexts.map { $0.map { JSONString.decoded(bytes.span, $0) } }
        #expect(texts == [["b"], ["a"]])
        #expect(outline.userTurns == 3)
    }
}
