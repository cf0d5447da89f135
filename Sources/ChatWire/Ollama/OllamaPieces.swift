/// What prefd itself writes in Ollama's dialect.
extension Ollama {
    /// Ollama has no name of its own for this ending; this is the one that other APIs use.
    static let blockedReason: StaticString = "\"content_filter\""

    /// A line that says `text`, a JSON string; with a reason, the last one of a stream.
    static func line(
        _ dialect: Dialect,
        _ envelope: ChunkEnvelope,
        text: [UInt8],
        doneReason: StaticString?
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"model\":")
        bytes.append(contentsOf: envelope.value(.model) ?? Array("\"\"".utf8))
        bytes.append(",\"created_at\":")
        bytes.append(contentsOf: envelope.value(.created) ?? Array("\"1970-01-01T00:00:00Z\"".utf8))
        if dialect == .ollamaGenerate {
            bytes.append(",\"response\":")
            bytes.append(contentsOf: text)
        } else {
            bytes.append(",\"message\":{\"role\":\"assistant\",\"content\":")
            bytes.append(contentsOf: text)
            bytes.append("}")
        }
        if let doneReason {
            bytes.append(",\"done\":true,\"done_reason\":")
            bytes.append(doneReason)
        } else {
            bytes.append(",\"done\":false")
        }
        bytes.append("}\n")
        return bytes
    }

    /// Empties every text of an answer, and gives it the reason of a block.
    static func splices(blocking ending: ChoiceOutline, in outline: AnswerOutline) -> [Splice] {
        var splices = outline.fields.map { Splice($0.content, []) }
        splices += outline.witnesses.map(\.removal)
        guard let reason = ending.finishReason else { return splices }
        var bytes: [UInt8] = []
        if reason.isEmpty { bytes.append("\"done_reason\":") }
        bytes.append(blockedReason)
        if reason.isEmpty { bytes.append(",") }
        return splices + [Splice(reason, bytes)]
    }

    /// The body of an error in Ollama's envelope.
    static func errorBody(message: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("{\"error\":")
        bytes.append(contentsOf: JSONString.quoted(message))
        bytes.append("}")
        return bytes
    }
}
