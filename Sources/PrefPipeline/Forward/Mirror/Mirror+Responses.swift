// The mirror's answers in OpenAI Responses.

extension Mirror {
    static func response(_ prompt: MirrorPrompt) -> ForwardResponse {
        let text = prompt.text.quotedAsJSON
        let whole = item(status: "completed", content: part(text))
        let usage =
            #"{"input_tokens":\#(prompt.words),"input_tokens_details":{"cached_tokens":0},"#
            + #""output_tokens":\#(prompt.words),"output_tokens_details":{"reasoning_tokens":0},"#
            + #""total_tokens":\#(2 * prompt.words)}"#
        let answer = document(status: "completed", output: whole, usage: usage)
        guard prompt.stream == true else { return .json(200, answer) }
        let begun = document(status: "in_progress", output: "", usage: "null")
        let inPart = #""item_id":"msg_mirror","output_index":0,"content_index":0"#
        var events: [(type: String, data: String)] = []
        func add(_ name: String, _ members: String) {
            let type = "response.\(name)"
            let head = #"{"type":"\#(type)","sequence_number":\#(events.count),"#
            events.append((type, head + members + "}"))
        }
        add("created", #""response":\#(begun)"#)
        add("in_progress", #""response":\#(begun)"#)
        let empty = item(status: "in_progress", content: "")
        add("output_item.added", #""output_index":0,"item":\#(empty)"#)
        add("content_part.added", #"\#(inPart),"part":\#(part(#""""#))"#)
        for piece in prompt.pieces {
            add("output_text.delta", #"\#(inPart),"delta":\#(piece.quotedAsJSON),"logprobs":[]"#)
        }
        add("output_text.done", #"\#(inPart),"text":\#(text),"logprobs":[]"#)
        add("content_part.done", #"\#(inPart),"part":\#(part(text))"#)
        add("output_item.done", #""output_index":0,"item":\#(whole)"#)
        add("completed", #""response":\#(answer)"#)
        return .events(events)
    }

    private static func part(_ text: String) -> String {
        #"{"type":"output_text","annotations":[],"logprobs":[],"text":\#(text)}"#
    }

    private static func item(status: String, content: String) -> String {
        #"{"id":"msg_mirror","type":"message","status":"\#(status)","role":"assistant","#
            + #""content":[\#(content)]}"#
    }

    private static func document(status: String, output: String, usage: String) -> String {
        #"{"id":"resp_mirror","object":"response","created_at":0,"status":"\#(status)","#
            + #""error":null,"incomplete_details":null,"instructions":null,"metadata":{},"#
            + #""model":"\#(model)","output":[\#(output)],"parallel_tool_calls":true,"#
            + #""temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"usage":\#(usage)}"#
    }
}
