/// What prefd itself writes in the OpenAI Chat dialect.
extension OpenAIChat {
    /// The choice of a whole answer that was blocked: nothing of what the model wrote is left.
    static func blockedChoice(_ index: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"index\":")
        bytes.append(contentsOf: String(index).utf8)
        bytes.append(",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},")
        bytes.append("\"logprobs\":null,\"finish_reason\":\"content_filter\"}")
        return bytes
    }

    /// The choice of a chunk that was blocked: an ending without text.
    static func blockedDelta(_ index: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"index\":")
        bytes.append(contentsOf: String(index).utf8)
        bytes.append(",\"delta\":{},\"logprobs\":null,\"finish_reason\":\"content_filter\"}")
        return bytes
    }

    /// The delta that adds `text`, a JSON string, to a choice's content.
    static func delta(content text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"content\":")
        bytes.append(contentsOf: text)
        bytes.append("}")
        return bytes
    }

    /// Whether an event's payload is the end of the stream.
    static func isDone(_ data: Span<UInt8>) -> Bool {
        var start = 0
        var end = data.count
        while start < end, JSON.isSpace(data[start]) { start += 1 }
        while start < end, JSON.isSpace(data[end - 1]) { end -= 1 }
        return data.equals(start..<end, "[DONE]")
    }

    /// The body of an error in OpenAI's envelope.
    ///
    /// `type` as OpenAI's, such as `invalid_request_error`; `param` and `code` are null where nil.
    public static func errorBody(
        message: String,
        type: String,
        param: String? = nil,
        code: String? = nil
    ) -> [UInt8] {
        func value(_ text: String?) -> [UInt8] {
            text.map(JSONString.quoted) ?? Array("null".utf8)
        }
        var bytes: [UInt8] = []
        bytes.append("{\"error\":{\"message\":")
        bytes.append(contentsOf: value(message))
        bytes.append(",\"type\":")
        bytes.append(contentsOf: value(type))
        bytes.append(",\"param\":")
        bytes.append(contentsOf: value(param))
        bytes.append(",\"code\":")
        bytes.append(contentsOf: value(code))
        bytes.append("}}")
        return bytes
    }
}
