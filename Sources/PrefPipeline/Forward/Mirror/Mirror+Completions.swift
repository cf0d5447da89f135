// The mirror's answers in OpenAI's chat and legacy completions.

extension Mirror {
    static func chat(_ prompt: MirrorPrompt) -> ForwardResponse {
        guard prompt.stream == true else {
            let choices = (0..<prompt.choices).map { index in
                #"{"finish_reason":"stop","index":\#(index),"message":"#
                    + #"{"content":\#(prompt.text.quotedAsJSON),"role":"assistant"}}"#
            }
            return .json(200, document("chat.completion", choices, usage: prompt))
        }
        let first = #"{"content":"","role":"assistant"}"#
        let events = stream(prompt, object: "chat.completion.chunk", first: first) {
            index,
            piece,
            reason in
            let delta = piece.map { #"{"content":\#($0.quotedAsJSON)}"# } ?? "{}"
            return #"{"delta":\#(delta),"finish_reason":\#(reason),"index":\#(index)}"#
        }
        return .events(events)
    }

    static func completion(_ prompt: MirrorPrompt) -> ForwardResponse {
        func choice(_ index: Int, _ text: String?, _ reason: String) -> String {
            #"{"finish_reason":\#(reason),"index":\#(index),"logprobs":null,"#
                + #""text":\#((text ?? "").quotedAsJSON)}"#
        }
        guard prompt.stream == true else {
            let choices = (0..<prompt.choices).map { choice($0, prompt.text, #""stop""#) }
            return .json(200, document("text_completion", choices, usage: prompt))
        }
        return .events(stream(prompt, object: "text_completion", first: nil, choice))
    }

    /// The chunks of all choices, one after the other.
    private static func stream(
        _ prompt: MirrorPrompt,
        object: String,
        first: String?,
        _ choice: (_ index: Int, _ piece: String?, _ reason: String) -> String
    ) -> [String] {
        var events: [String] = []
        for index in 0..<prompt.choices {
            if let first {
                let choice = #"{"delta":\#(first),"finish_reason":null,"index":\#(index)}"#
                events.append(document(object, [choice], usage: nil))
            }
            for piece in prompt.pieces {
                events.append(document(object, [choice(index, piece, "null")], usage: nil))
            }
            events.append(document(object, [choice(index, nil, #""stop""#)], usage: nil))
        }
        if prompt.includesUsage { events.append(document(object, [], usage: prompt)) }
        return events + ["[DONE]"]
    }

    private static func document(
        _ object: String,
        _ choices: [String],
        usage prompt: MirrorPrompt?
    ) -> String {
        let usage = prompt.map { prompt in
            #","usage":{"completion_tokens":\#(prompt.words),"prompt_tokens":\#(prompt.words),"#
                + #""total_tokens":\#(2 * prompt.words)}"#
        }
        return #"{"choices":[\#(choices.joined(separator: ","))],"created":0,"#
            + #""id":"chatcmpl-\#(model)","model":"\#(model)","object":"\#(object)"\#(usage ?? "")}"#
    }
}
