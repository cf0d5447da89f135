/// What prefd itself writes in the Anthropic Messages dialect.
extension AnthropicMessages {
    /// The events of a content block that says `text`, a JSON string.
    static func textBlock(_ text: [UInt8], at index: Int) -> [UInt8] {
        let number = Array(String(index).utf8)
        var start: [UInt8] = []
        start.append("{\"type\":\"content_block_start\",\"index\":")
        start.append(contentsOf: number)
        start.append(",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}")
        var delta: [UInt8] = []
        delta.append("{\"type\":\"content_block_delta\",\"index\":")
        delta.append(contentsOf: number)
        delta.append(",\"delta\":{\"type\":\"text_delta\",\"text\":")
        delta.append(contentsOf: text)
        delta.append("}}")
        return SSEEvent.framed("content_block_start", start.span)
            + SSEEvent.framed("content_block_delta", delta.span) + blockStop(index)
    }

    /// Ends a stream because of what was in it: the block that is open, then the message.
    static func blockedEnding(after shown: ShownStream) -> [UInt8] {
        var delta: [UInt8] = []
        delta.append(
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\",\"stop_sequence\":null},"
        )
        delta.append("\"usage\":{\"output_tokens\":")
        delta.append(contentsOf: String(shown.outputTokens).utf8)
        delta.append("}}")
        let stop = Array("{\"type\":\"message_stop\"}".utf8)
        return (shown.openItem.map(blockStop) ?? [])
            + SSEEvent.framed("message_delta", delta.span)
            + SSEEvent.framed("message_stop", stop.span)
    }

    private static func blockStop(_ index: Int) -> [UInt8] {
        var stop: [UInt8] = []
        stop.append("{\"type\":\"content_block_stop\",\"index\":")
        stop.append(contentsOf: String(index).utf8)
        stop.append("}")
        return SSEEvent.framed("content_block_stop", stop.span)
    }

    /// Empties a whole message, and gives it the reason of a block.
    static func splices(blocking ending: ChoiceOutline) -> [Splice] {
        var splices: [Splice] = []
        if !ending.element.isEmpty { splices.append(Splice(ending.element, Array("[]".utf8))) }
        if let reason = ending.finishReason {
            splices.append(Splice(reason, Array("\"refusal\"".utf8)))
        }
        return splices
    }

    /// Adds a block that says `text`, a JSON string, to a whole message.
    static func splices(appending text: [UInt8], to ending: ChoiceOutline) -> [Splice] {
        guard ending.element.count >= 2 else { return [] }
        var block: [UInt8] = []
        block.append("{\"type\":\"text\",\"text\":")
        block.append(contentsOf: text)
        block.append("}")
        if let empty = ending.content {
            return [Splice(empty, [UInt8(ascii: "[")] + block + [UInt8(ascii: "]")])]
        }
        return [Splice(at: ending.element.upperBound - 1, [UInt8(ascii: ",")] + block)]
    }

    /// The body of an error in Anthropic's envelope; `type` as Anthropic's, such as `api_error`.
    static func errorBody(message: String, type: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"type\":\"error\",\"error\":{\"type\":")
        bytes.append(contentsOf: JSONString.quoted(type))
        bytes.append(",\"message\":")
        bytes.append(contentsOf: JSONString.quoted(message))
        bytes.append("}}")
        return bytes
    }
}
