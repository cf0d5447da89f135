import ChatWire
import PrefModel
import PrefRules

// What rules add at the end of a choice.

extension AnswerEnforcer {
    var mustAppend: Bool {
        (!appended.isEmpty || !demands.isEmpty)
            && (outline.kind == .done || outline.choices.contains { $0.finishReason != nil })
    }

    /// Does for the choices that end here what the rules ask because of the request's topic, and
    /// what their texts have not said themselves.
    mutating func meetDemands() {
        guard !demands.isEmpty else { return }
        for ending in outline.choices where ending.finishReason != nil {
            let choice = ending.index
            guard speaking.contains(choice), !blockedChoices.contains(choice) else { continue }
            for demand in demands {
                guard met[choice, default: []].insert(demand.ruleID).inserted,
                    !isSaid(demand, inAppended: choice)
                else { continue }
                hits.append(
                    RuleHit(
                        rule: demand.ruleID,
                        action: demand.action.name,
                        surface: PrefRules.TextSurface.output.rawValue,
                        choice: choice
                    )
                )
                if case .append(let text) = demand.action { sayAtEnd(text, of: choice) }
            }
        }
    }

    /// Keeps a text for the end of a choice, once.
    mutating func sayAtEnd(_ text: String, of choice: Int) {
        if said[choice]?.contains(text) == true { return }
        if appended[choice, default: []].contains(text) { return }
        appended[choice, default: []].append(text)
    }

    /// Whether another rule says already what this one asks for.
    private func isSaid(_ demand: TopicDemand, inAppended choice: Int) -> Bool {
        appended[choice, default: []].contains { text in
            demand.said.contains { text.lowercased().contains($0.lowercased()) }
        }
    }

    /// What was appended to a choice goes in right before its end.
    mutating func appendAtEndings() {
        guard mustAppend, let last = held.indices.last else { return }
        if outline.kind == .done {
            for choice in appended.keys.sorted() {
                insertAppendix(of: choice)
            }
            return
        }
        for choice in outline.choices
        where choice.finishReason != nil && appended[choice.index] != nil {
            if reader.dialect.repeatsAtEnd {
                appendItem(to: choice.index)
                continue
            }
            let hasContent = held[last].pieces.contains {
                $0.field.channel.choice == choice.index && $0.field.channel.path == .content
                    && !$0.text.isEmpty
            }
            if hasContent {
                appendToContent(of: choice.index, in: held.count - 1)
            } else {
                insertAppendix(of: choice.index)
            }
        }
    }

    /// What was appended becomes an item before the end, and in what the end repeats.
    private mutating func appendItem(to choice: Int) {
        guard let text = appendedText(of: choice) else { return }
        let last = held.count - 1
        let events = reader.textEvents(text, choice: choice, after: shown(before: last))
        held[last].splices += reader.splices(
            appending: text,
            to: choice,
            in: held[last].outline
        )
        held[last].eventsBefore += reader.textEventCount
        ownEvents += reader.textEventCount
        insert(HeldEvent(made: events), at: last)
    }

    /// Adds to the last string of a choice's content in a held event; false where there is none.
    @discardableResult
    mutating func appendToContent(of choice: Int, in event: Int) -> Bool {
        let last = held[event].pieces.last {
            $0.field.channel.choice == choice && $0.field.channel.path == .content
        }
        guard let last, let text = appendedText(of: choice) else { return false }
        let end = last.field.content.upperBound
        held[event].splices.append(Splice(at: end, JSONString.encoded(text)))
        return true
    }

    /// Adds to a choice of a whole answer.
    mutating func appendToWhole(_ choice: Int) {
        if !reader.dialect.repeatsAtEnd, appendToContent(of: choice, in: 0) { return }
        guard let text = appendedText(of: choice) else {
            return
        }
        let outline = held[0].outline
        held[0].splices += reader.splices(appending: text, to: choice, in: outline)
    }

    private mutating func insertAppendix(of choice: Int) {
        let place = held.count - 1
        insert(HeldEvent(made: appendix(of: choice, before: place)), at: place)
    }

    mutating func appendix(of choice: Int, before place: Int) -> [UInt8] {
        guard let text = appendedText(of: choice) else { return [] }
        return reader.textEvents(text, choice: max(choice, 0), after: shown(before: place))
    }

    mutating func appendedText(of choice: Int) -> String? {
        guard let texts = appended.removeValue(forKey: choice) else { return nil }
        said[choice, default: []].formUnion(texts)
        return "\n\n" + texts.joined(separator: "\n\n")
    }
}
