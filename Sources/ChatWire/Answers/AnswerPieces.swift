/// What enforcement puts into an answer: events of prefd's own, and changes to a backend's.
extension AnswerReader {
    /// Events that say `text` at the end of one choice, in the envelope of the backend's events.
    ///
    /// `shown` is what the client has been shown before them.
    public func textEvents(_ text: String, choice: Int, after shown: ShownStream) -> [UInt8] {
        let quoted = JSONString.quoted(text)
        switch dialect {
        case .openAIChat:
            return chunk(choice, .delta(OpenAIChat.delta(content: quoted)), "null")
        case .openAICompletions: return chunk(choice, .text(quoted), "null")
        case .openAIResponses:
            return ResponsesPieces.message(
                JSONString.encoded(text),
                at: shown.response.nextItem,
                from: shown.response.nextSequenceNumber
            )
        case .anthropicMessages: return AnthropicMessages.textBlock(quoted, at: shown.nextItem)
        case .ollamaChat, .ollamaGenerate:
            return Ollama.line(dialect, ollamaEnvelope, text: quoted, doneReason: nil)
        }
    }

    /// How many numbered events ``textEvents(_:choice:after:)`` makes: those behind them move on.
    public var textEventCount: Int {
        dialect == .openAIResponses ? ResponsesPieces.messageEvents : 0
    }

    /// The events that end one choice because of what was in it.
    ///
    /// `shown` is what the client has been shown before them.
    public func blockedEnding(choice: Int, after shown: ShownStream) -> [UInt8] {
        switch dialect {
        case .openAIChat: return chunk(choice, .delta(Array("{}".utf8)), "\"content_filter\"")
        case .openAICompletions:
            return chunk(choice, .text(Array("\"\"".utf8)), "\"content_filter\"")
        case .openAIResponses:
            return ResponsesPieces.blockedEnding(after: shown.response, usage: responseUsage)
        case .anthropicMessages: return AnthropicMessages.blockedEnding(after: shown)
        case .ollamaChat, .ollamaGenerate:
            return Ollama.line(
                dialect,
                ollamaEnvelope,
                text: Array("\"\"".utf8),
                doneReason: Ollama.blockedReason
            )
        }
    }

    /// What the dialect ends a stream with, behind the endings of its choices.
    public var streamEnd: [UInt8] {
        dialect.hasChoices ? SSEEvent.framed(Array("[DONE]".utf8).span) : []
    }

    private func chunk(
        _ choice: Int,
        _ piece: ChunkEnvelope.Piece,
        _ finishReason: StaticString
    ) -> [UInt8] {
        let json = openAIEnvelope.chunk(
            choice: max(choice, 0),
            piece,
            finishReason: finishReason
        )
        return SSEEvent.framed(json.span)
    }

    /// The change that blocks one choice of a whole answer, or of an event that ends it: all of the
    /// model's text in it goes, and it ends with the dialect's content-filter reason.
    public func splices(blocking choice: Int, in outline: AnswerOutline) -> [Splice] {
        outline.choices.filter { $0.index == choice }.flatMap { ending -> [Splice] in
            switch dialect {
            case .openAIChat:
                let blocked =
                    ending.isDelta
                    ? OpenAIChat.blockedDelta(choice) : OpenAIChat.blockedChoice(choice)
                return [Splice(ending.element, blocked)]
            case .openAICompletions:
                return [Splice(ending.element, OpenAICompletions.blockedChoice(choice))]
            case .openAIResponses:
                return outline.response.map {
                    ResponsesPieces.splices(blocking: ending, $0)
                } ?? []
            case .anthropicMessages: return AnthropicMessages.splices(blocking: ending)
            case .ollamaChat, .ollamaGenerate: return Ollama.splices(blocking: ending, in: outline)
            }
        }
    }

    /// The change that says `text` at the end of one choice of a whole answer, where none of the
    /// strings that hold its text could take it, or of an event that repeats one.
    public func splices(appending text: String, to choice: Int, in outline: AnswerOutline)
        -> [Splice]
    {
        guard let ending = outline.choices.first(where: { $0.index == choice }) else { return [] }
        let quoted = JSONString.quoted(text)
        return switch dialect {
        case .openAIChat: ending.content.map { [Splice($0, quoted)] } ?? []
        case .openAIResponses:
            ResponsesPieces.splices(
                appending: JSONString.encoded(text),
                to: ending,
                outline.response
            )
        case .anthropicMessages: AnthropicMessages.splices(appending: quoted, to: ending)
        case .openAICompletions, .ollamaChat, .ollamaGenerate: []
        }
    }

    /// The change that takes some choices out of an event, for choices that have ended already.
    public func splices(removing choices: Set<Int>, from outline: AnswerOutline) -> [Splice] {
        let all = outline.choices
        guard let firstKept = all.firstIndex(where: { !choices.contains($0.index) }) else {
            guard let first = all.first, let last = all.last else { return [] }
            return [Splice(first.element.lowerBound..<last.element.upperBound, [])]
        }
        return all.indices.filter { choices.contains(all[$0].index) }.map { index in
            // With the comma that stands between it and the kept ones.
            index < firstKept
                ? Splice(all[index].element.lowerBound..<all[index + 1].element.lowerBound, [])
                : Splice(all[index - 1].element.upperBound..<all[index].element.upperBound, [])
        }
    }
}
