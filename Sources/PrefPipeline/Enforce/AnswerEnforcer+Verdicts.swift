import ChatWire
import PrefModel
import PrefRules

// What a verdict does to the events that are held.

/// A verdict on one of an answer's texts.
struct ChannelVerdict {
    let channel: Int
    let verdict: Verdict

    var isBlock: Bool { verdict.action == .block }
}

extension AnswerEnforcer {
    /// Carries out what became certain at once.
    ///
    /// A block ends all texts of its choice. So what was still open in the others is decided by it
    /// too; of several blocks the first in the order of the events counts, and what is behind it
    /// is not shown and needs no verdict.
    mutating func carryOut(_ verdicts: [ChannelVerdict]) {
        guard verdicts.contains(where: \.isBlock) else {
            for each in verdicts { carryOut(each.verdict, in: each.channel) }
            return
        }
        var all = verdicts
        let ending = Set(verdicts.filter(\.isBlock).map { channels[$0.channel].id.choice })
            .subtracting([ChannelID.noChoice])
        for index in channels.indices where ending.contains(channels[index].id.choice) {
            channels[index].finish()
            for verdict in channels[index].takeVerdicts() where verdict.action.changesMatch {
                all.append(ChannelVerdict(channel: index, verdict: verdict))
            }
        }
        var blocks: [Int: ChannelVerdict] = [:]
        for each in all where each.isBlock {
            let choice = channels[each.channel].id.choice
            guard ending.contains(choice) else { continue }
            if let known = blocks[choice], !stands(each, before: known) { continue }
            blocks[choice] = each
        }
        for each in all {
            let end = blocks[channels[each.channel].id.choice]
            if let end, each.isBlock || !stands(each, before: end) { continue }
            carryOut(each.verdict, in: each.channel)
        }
        for choice in blocks.keys.sorted() {
            if let end = blocks[choice] { carryOut(end.verdict, in: end.channel) }
        }
    }

    /// Whether one match begins before another, in the order in which a reader gets them.
    private func stands(_ one: ChannelVerdict, before other: ChannelVerdict) -> Bool {
        if one.channel == other.channel {
            return one.verdict.range.lowerBound < other.verdict.range.lowerBound
        }
        return place(of: one) < place(of: other)
    }

    /// The held event and the piece in it with which a match begins.
    private func place(of one: ChannelVerdict) -> (event: Int, piece: Int) {
        for event in held.indices {
            let piece = held[event].pieces.firstIndex {
                $0.channel == one.channel && $0.text.upperBound > one.verdict.range.lowerBound
            }
            if let piece { return (event, piece) }
        }
        return (-1, -1)
    }

    mutating func carryOut(_ verdict: Verdict, in channel: Int, isWhole: Bool = false) {
        let choice = channels[channel].id.choice
        if blockedChoices.contains(choice) {
            // What was shown before the block was, where the match had only waited for its end.
            if verdict.action.changesMatch {
                edit(verdict.range, of: channel, to: verdict.action.replacement)
            }
            return
        }
        for rule in verdict.ruleIDs where fired.isNews(rule, in: channels[channel]) {
            hits.append(
                RuleHit(
                    rule: rule,
                    action: verdict.action.name,
                    surface: channels[channel].surface.rawValue,
                    choice: choice
                )
            )
        }
        switch verdict.action {
        case .flag: return
        case .append(let text):
            // What stands outside of any choice has no end of its own for it.
            sayAtEnd(text, of: max(choice, 0))
        case .redact(let text), .replace(let text):
            edit(verdict.range, of: channel, to: text)
        case .block where choice == ChannelID.noChoice:
            // Text outside of any choice has no end of its own to come to.
            edit(verdict.range, of: channel, to: RuleAction.defaultRedaction)
        case .block:
            changedChannels.insert(channels[channel].id)
            guard isWhole else { return block(choice, channel, from: verdict.range.lowerBound) }
            blockedChoices.insert(choice)
            // Where it stands outside of what the block empties.
            edit(verdict.range, of: channel, to: verdict.action.replacement)
        }
    }

    /// Puts `text` where the range begins, and takes the rest of the range out of every event.
    mutating func edit(_ range: Range<Int>, of channel: Int, to text: String) {
        var replacement = replacement(of: range, in: channel, by: text)
        changedChannels.insert(channels[channel].id)
        if channels[channel].leftAt != nil, !channels[channel].repeats {
            replacements[channels[channel].id, default: [:]][range.lowerBound] = replacement
        }
        for event in held.indices {
            for piece in held[event].pieces.indices
            where held[event].pieces[piece].channel == channel {
                let part = held[event].pieces[piece].text.clamped(to: range)
                guard !part.isEmpty else { continue }
                held[event].pieces[piece].edits.append((part, replacement))
                replacement = []
            }
        }
    }

    /// What to write in place of a range: in a tool call's arguments, whatever leaves them JSON.
    func replacement(of range: Range<Int>, in channel: Int, by text: String) -> [UInt8] {
        guard var position = channels[channel].leftAt else { return Array(text.utf8) }
        let id = channels[channel].id
        if channels[channel].repeats, let said = replacements[id]?[range.lowerBound] {
            return said
        }
        var (start, end) = (position, position)
        var next: UInt8?
        for event in held {
            for piece in event.pieces where piece.channel == channel {
                var bytes: [UInt8] = []
                piece.field.decode(event.raw.span, into: &bytes)
                for (offset, byte) in zip(piece.text, bytes) {
                    if offset == range.lowerBound { start = position }
                    if offset == range.upperBound { (end, next) = (position, byte) }
                    position.advance(over: [byte].span)
                }
                if piece.text.upperBound <= range.upperBound { end = position }
            }
        }
        return ArgumentsPosition.replacement(text, from: start, to: end, next: next)
    }

    /// Ends a choice before the offset at which the match begins; nothing of the choice follows.
    mutating func block(_ choice: Int, _ channel: Int, from offset: Int) {
        let place = held.firstIndex { event in
            event.pieces.contains { $0.channel == channel && $0.text.upperBound > offset }
        }
        guard let place else { return }
        blockedChoices.insert(choice)
        endedChoices.insert(choice)
        appended[choice] = nil
        for index in channels.indices where channels[index].id.choice == choice {
            channels[index].finish()
        }
        let endsHere = held[place].outline.choices.contains {
            $0.index == choice && $0.finishReason != nil
        }
        if reader.dialect.repeatsAtEnd, !endsInPiece(channel, held[place]) {
            // An event that holds all of a text is left out: it would have to say more than was shown.
            for dropped in held[place...] { heldBytes -= dropped.raw.count }
            held.removeSubrange(place...)
            endAll()
            isOver = true
            insertBlockedEnding(of: choice, at: held.endIndex)
            return
        }
        if reader.dialect.hasChoices {
            cut(choice, channel, from: offset, in: place)
            for later in held.index(after: place)..<held.endIndex {
                held[later].removedChoices.insert(choice)
            }
            insertBlockedEnding(of: choice, at: held.index(after: place))
            return
        }
        // The answer ends with its only choice.
        for later in held[held.index(after: place)...] { heldBytes -= later.raw.count }
        held.removeSubrange(held.index(after: place)...)
        endAll()
        isOver = true
        if endsHere {
            for piece in held[place].pieces.indices { held[place].pieces[piece].edits = [] }
            held[place].splices = reader.splices(blocking: choice, in: held[place].outline)
        } else {
            cut(choice, channel, from: offset, in: place)
            insertBlockedEnding(of: choice, at: held.endIndex)
        }
    }

    /// Whether what an event holds of a channel's text is but a piece of it.
    private func endsInPiece(_ channel: Int, _ event: HeldEvent) -> Bool {
        event.pieces.contains { $0.channel == channel && $0.field.continues }
    }

    private mutating func insertBlockedEnding(of choice: Int, at place: Int) {
        let ending = reader.blockedEnding(choice: choice, after: shown(before: place))
        insert(HeldEvent(made: ending), at: place)
    }

    /// Leaves of a choice's text in one event only what stands before the offset in the channel.
    private mutating func cut(_ choice: Int, _ channel: Int, from offset: Int, in place: Int) {
        var isBefore = true
        for piece in held[place].pieces.indices
        where held[place].pieces[piece].field.channel.choice == choice {
            let text = held[place].pieces[piece].text
            if held[place].pieces[piece].channel == channel && text.upperBound > offset && isBefore
            {
                isBefore = false
                let rest = max(offset, text.lowerBound)..<text.upperBound
                held[place].pieces[piece].edits.removeAll { $0.range.lowerBound >= rest.lowerBound }
                held[place].pieces[piece].edits.append((rest, []))
            } else if !isBefore {
                held[place].pieces[piece].edits = [(text, [])]
            }
        }
        for ending in held[place].outline.choices where ending.index == choice {
            if let reason = ending.finishReason {
                held[place].splices.append(Splice(reason, Array("null".utf8)))
            }
        }
    }
}
