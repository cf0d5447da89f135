// The mirror's answers in Anthropic Messages.

extension Mirror {
    static func message(_ prompt: MirrorPrompt) -> ForwardResponse {
        guard prompt.stream == true else {
            let block = #"{"type":"text","text":\#(prompt.text.quotedAsJSON)}"#
            return .json(200, document(block, reason: #""end_turn""#, prompt, tokens: prompt.words))
        }
        let begun = document("", reason: "null", prompt, tokens: 0)
        var events = [
            (type: "message_start", data: #"{"type":"message_start","message":\#(begun)}"#),
            (
                type: "content_block_start",
                data: #"{"type":"content_block_start","index":0,"#
                    + #""content_block":{"type":"text","text":""}}"#
            ),
        ]
        for piece in prompt.pieces {
            let delta = #"{"type":"text_delta","text":\#(piece.quotedAsJSON)}"#
            let data = #"{"type":"content_block_delta","index":0,"delta":\#(delta)}"#
            events.append((type: "content_block_delta", data: data))
        }
        let stop = #"{"type":"content_block_stop","index":0}"#
        events.append((type: "content_block_stop", data: stop))
        let end =
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"#
            + #""usage":{"output_tokens":\#(prompt.words)}}"#
        events.append((type: "message_delta", data: end))
        events.append((type: "message_stop", data: #"{"type":"message_stop"}"#))
        return .events(events)
    }

    private static func document(
        _ content: String,
        reason: String,
        _ prompt: MirrorPrompt,
        tokens: Int
    ) -> String {
        #"{"id":"msg_mirror","type":"message","role":"assistant","model":"\#(model)","#
            + #""content":[\#(content)],"stop_reason":\#(reason),"stop_sequence":null,"#
            + #""usage":{"input_tokens":\#(prompt.words),"output_tokens":\#(tokens)}}"#
    }
}
