/// What enforcement puts into an answer: events of prefd's own, and changes to a backend's.
extension AnswerReader {
    /// An event that carries `text` in one channel, in the envelope of the backend's events.
    ///
    /// Text for a channel that holds JSON is taken as it is: it must fit where it goes.
    public func textEvent(_ text: String, in channel: ChannelID) -> [UInt8] {
        switch dialect {
        case .openAIChat:
            chunk(
                choice: channel.choice,
                delta: OpenAIChat.delta(text, channel.path),
                finishReason: "null"
            )
        }
    }

    /// An event that ends one choice because of what was in it.
    public func blockedEnding(choice: Int) -> [UInt8] {
        switch dialect {
        case .openAIChat:
            chunk(
                choice: choice,
                delta: Array("{}".utf8),
                finishReason: "\"content_filter\""
            )
        }
    }

    /// What the dialect ends a stream with.
    public var streamEnd: [UInt8] {
        switch dialect {
        case .openAIChat: SSEEvent.framed(Array("[DONE]".utf8).span)
        }
    }

    private func chunk(choice: Int, delta: [UInt8], finishReason: StaticString) -> [UInt8] {
        let json = openAIChatEnvelope.chunk(
            choice: max(choice, 0),
            delta: delta,
            finishReason: finishReason
        )
        return SSEEvent.framed(json.span)
    }

    /// The change that blocks one choice of a whole answer, or of an event that holds several: all
    /// of the model's text in it goes, and it ends with the dialect's content-filter reason.
    public func splices(blocking choice: Int, in outline: AnswerOutline) -> [Splice] {
        outline.choices.filter { $0.index == choice }.map {
            switch dialect {
            case .openAIChat:
                Splice(
                    $0.element,
                    $0.isDelta
                        ? OpenAIChat.blockedDelta(choice) : OpenAIChat.blockedChoice(choice)
                )
            }
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

    /// The changes that leave no `logprobs` in the outlined bytes; `choice` limits them to one.
    public func splicesRemovingLogprobs(
        _ outline: AnswerOutline,
        choice: Int? = nil
    ) -> [Splice] {
        outline.choices.compactMap { each in
            guard choice == nil || each.index == choice else { return nil }
            return each.logprobs.map { Splice($0, Array("null".utf8)) }
        }
    }
}

extension TextField {
    /// Appends the field's text, decoded to UTF-8.
    public func decode(_ raw: Span<UInt8>, into bytes: inout [UInt8]) {
        JSONString.decode(raw, string, into: &bytes)
    }

    /// The change that replaces a range of the decoded text by another text.
    ///
    /// The raw range grows to whole escapes and characters. Where the text is itself JSON the
    /// replacement is escaped for that too, as inside a string of it; ``ArgumentsPosition`` knows
    /// what fits in other places, for ``splice(replacing:withVerbatim:in:_:)``.
    public func splice(
        replacing range: Range<Int>,
        with text: String,
        in raw: Span<UInt8>
    ) -> Splice {
        var map = JSONStringMap(string)
        let bytes = holdsJSON ? JSONString.encoded(text) : Array(text.utf8)
        return splice(replacing: range, withVerbatim: bytes, in: raw, &map)
    }

    /// The change that replaces a range of the decoded text by other well-formed UTF-8.
    ///
    /// The bytes are escaped once, for the string that holds the text. `map` is one of this field's
    /// string, which several changes in ascending order share.
    public func splice(
        replacing range: Range<Int>,
        withVerbatim utf8: [UInt8],
        in raw: Span<UInt8>,
        _ map: inout JSONStringMap
    ) -> Splice {
        var bytes: [UInt8] = []
        JSONString.encode(utf8.span, into: &bytes)
        return Splice(map.raw(range, in: raw), bytes)
    }
}
