import ChatWire

// What rules add at the end of a choice.

extension AnswerEnforcer {
    var mustAppend: Bool {
        !appended.isEmpty
            && (outline.kind == .done || outline.choices.contains { $0.finishReason != nil })
    }

    /// What was appended to a choice goes in right before its end.
    mutating func appendAtEndings() {
        guard mustAppend, let last = held.indices.last else { return }
        if outline.kind == .done {
            for choice in appended.keys.sorted() {
                insert(HeldEvent(made: appendix(of: choice)), at: held.count - 1)
            }
            return
        }
        for choice in outline.choices
        where choice.finishReason != nil && appended[choice.index] != nil {
            let hasContent = held[last].pieces.contains {
                $0.field.channel == ChannelID(choice: choice.index, path: .content)
                    && !$0.text.isEmpty
            }
            if hasContent {
                appendToContent(of: choice.index, in: held.count - 1)
            } else {
                insert(HeldEvent(made: appendix(of: choice.index)), at: held.count - 1)
            }
        }
    }

    mutating func appendToContent(of choice: Int, in event: Int) {
        let content = ChannelID(choice: choice, path: .content)
        guard let piece = held[event].pieces.last(where: { $0.field.channel == content }),
            let text = appendedText(of: choice)
        else { return }
        let end = piece.field.content.upperBound
        held[event].splices.append(Splice(at: end, JSONString.encoded(text)))
    }

    mutating func appendix(of choice: Int) -> [UInt8] {
        guard let text = appendedText(of: choice) else { return [] }
        return reader.textEvent(text, in: ChannelID(choice: max(choice, 0), path: .content))
    }

    mutating func appendedText(of choice: Int) -> String? {
        appended.removeValue(forKey: choice).map { "\n\n" + $0.joined(separator: "\n\n") }
    }
}
