import ChatWire
import PrefLearning
import PrefModel
import PrefRules

/// Looking at an event's texts, each of which goes to the scan of its channel.
extension AnswerEnforcer {
    func refuseUnreadable() throws(UncheckableAnswer) {
        if outline.isAmbiguous {
            throw UncheckableAnswer(
                reason: "it has a key twice, and readers disagree on such an answer"
            )
        }
        if outline.hasUnknownLine {
            throw UncheckableAnswer(reason: "its stream has a line that is no server-sent event")
        }
    }

    /// Feeds the event's texts to their channels' scanners and notes where they stand.
    mutating func scan(_ raw: Span<UInt8>) {
        if measure != nil, name == nil {
            name =
                outline.responseID.flatMap { JSONString.decoded(raw, $0) }.map(
                    ConversationKey.response
                )
                ?? outline.context.map { ConversationKey(context: $0, in: raw) }
        }
        for scope in outline.ended {
            for index in channels.indices where scope.contains(channels[index].id) {
                channels[index].finish()
            }
        }
        var decoded: [UInt8] = []
        swap(&decoded, &scratch)
        defer { scratch = decoded }
        for field in outline.fields where !blockedChoices.contains(field.channel.choice) {
            if !demands.isEmpty, field.surface == .output, !field.content.isEmpty {
                speaking.insert(field.channel.choice)
            }
            if field.surface != .reasoning, !field.content.isEmpty {
                endReasoning(of: field.channel.choice)
            }
            if field.hasEscapes {
                decoded.removeAll(keepingCapacity: true)
                field.decode(raw, into: &decoded)
                take(field, decoded.span)
            } else {
                take(field, raw.extracting(field.content))
            }
        }
        let closed = Set(outline.choices.lazy.filter { $0.finishReason != nil }.map(\.index))
        if !closed.isEmpty {
            for index in channels.indices where closed.contains(channels[index].id.choice) {
                channels[index].finish()
            }
            endedChoices.formUnion(closed)
        }
        for piece in pieces where !piece.field.continues { channels[piece.channel].finish() }
    }

    private mutating func take(_ field: TextField, _ text: Span<UInt8>) {
        let index = field.repeats ? newChannel(for: field) : channel(for: field)
        let place = channels[index].feed(text)
        pieces.append(HeldEvent.Piece(channel: index, field: field, text: place))
        if field.surface == .output, field.channel.choice == 0, !field.repeats {
            measure?.feed(text)
        }
    }

    /// What is known of the first choice's answer so far, where it is measured.
    var measured: MeasuredAnswer? {
        measure.map { MeasuredAnswer(counts: $0.counts(), name: name) }
    }

    /// Where the answer proper begins, the reasoning before it is over: the answer must not wait for
    /// what the reasoning's last character might still have become.
    private mutating func endReasoning(of choice: Int) {
        guard let open = openReasoning.removeValue(forKey: choice) else { return }
        for index in open { channels[index].finish() }
    }

    // Few channels are looked through, which is quickest; many, as a hostile answer may have, are looked
    // up, so that time stays linear.

    private static let fewChannels = 16

    mutating func channel(for field: TextField) -> Int {
        let known =
            channels.count <= Self.fewChannels
            ? channels.lastIndex { $0.id == field.channel && !$0.repeats }
            : channelPlaces[field.channel]
        if let known, !channels[known].isFinished { return known }
        return newChannel(for: field)
    }

    /// A repeat is a text of its own, whatever is still open under its name.
    private mutating func newChannel(for field: TextField) -> Int {
        channels.append(ChannelScan(field, number: channelCount, rules: rules))
        channelCount += 1
        let place = channels.count - 1
        if field.surface == .reasoning {
            openReasoning[field.channel.choice, default: []].append(place)
        }
        if channels.count > Self.fewChannels {
            // All of them where there were few until now, else the one that is new.
            notePlaces(from: channelPlaces.isEmpty ? 0 : place)
        }
        return place
    }

    private mutating func notePlaces(from first: Int) {
        for place in first..<channels.count where !channels[place].repeats {
            channelPlaces[channels[place].id] = place
        }
    }

    /// Texts that ended with their event must not pile up over a long stream.
    ///
    /// Only where nothing is held: held pieces name their channels by position.
    mutating func dropFinishedChannels() {
        guard channels.contains(where: \.isOver) else { return }
        channels.removeAll(where: \.isOver)
        channelPlaces = [:]
        openReasoning = [:]
        if channels.count > Self.fewChannels { notePlaces(from: 0) }
        for (place, channel) in channels.enumerated()
        where channel.surface == .reasoning && !channel.isFinished {
            openReasoning[channel.id.choice, default: []].append(place)
        }
    }

    mutating func takeVerdicts() -> [ChannelVerdict] {
        var all: [ChannelVerdict] = []
        for index in channels.indices {
            if !demands.isEmpty {
                met[channels[index].id.choice, default: []].formUnion(channels[index].takeMet())
            }
            for verdict in channels[index].takeVerdicts() {
                all.append(ChannelVerdict(channel: index, verdict: verdict))
            }
        }
        guard all.contains(where: { channels[$0.channel].repeats }) else { return all }
        // What is repeated counts where it is said first, wherever in the event that stands.
        return all.filter { !channels[$0.channel].repeats }
            + all.filter { channels[$0.channel].repeats }
    }

    mutating func endAll() {
        for index in channels.indices { channels[index].finish() }
    }
}
