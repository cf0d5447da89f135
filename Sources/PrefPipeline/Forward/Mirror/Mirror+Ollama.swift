// The mirror's answers in Ollama's API, which streams unless it is told not to.

extension Mirror {
    /// Where a line's text stands.
    enum OllamaForm { case chat, generate }

    static func ollama(_ prompt: MirrorPrompt, _ form: OllamaForm) -> ForwardResponse {
        func line(_ text: String, isEnd: Bool) -> String {
            let quoted = text.quotedAsJSON
            let member =
                form == .chat
                ? #""message":{"role":"assistant","content":\#(quoted)}"#
                : #""response":\#(quoted)"#
            let end =
                #","done_reason":"stop","total_duration":0,"load_duration":0,"#
                + #""prompt_eval_count":\#(prompt.words),"prompt_eval_duration":0,"#
                + #""eval_count":\#(prompt.words),"eval_duration":0"#
            return #"{"model":"\#(model)","created_at":"\#(time)",\#(member),"#
                + #""done":\#(isEnd)\#(isEnd ? end : "")}"#
        }
        guard prompt.stream ?? true else { return .json(200, line(prompt.text, isEnd: true)) }
        return .lines(
            prompt.pieces.map { line($0, isEnd: false) } + [line("", isEnd: true)]
        )
    }

    private static let time = "1970-01-01T00:00:00Z"

    private static let details =
        #"{"parent_model":"","format":"","family":"\#(model)","families":["\#(model)"],"#
        + #""parameter_size":"","quantization_level":""}"#

    static let ollamaCard =
        #"{"name":"\#(model)","model":"\#(model)","modified_at":"\#(time)","size":0,"#
        + #""digest":"","details":\#(details)}"#

    static let ollamaDescription =
        #"{"modelfile":"","parameters":"","template":"","modified_at":"\#(time)","#
        + #""details":\#(details),"model_info":{},"capabilities":["completion"]}"#
}
