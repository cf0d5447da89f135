import ChatWire
import NIOCore
import PrefModel
import PrefRules

/// Decides, event by event, what of an answer may leave.
///
/// Pure: bytes in, bytes out. An event waits, and those behind it with it, while any of its text may
/// still become part of a match; so the order stays, and an answer without a match leaves byte for
/// byte. What is decided depends on the backend's events, never on how they were cut into packets.
struct AnswerEnforcer {
    /// How many bytes of events may wait before the answer is given up: a bound on memory that no
    /// rule's longest match comes near.
    static let heldLimitBytes = 4 << 20

    private let rules: RuleSet
    private let expectedChoices: Int
    private let expectsUsage: Bool
    private var reader: AnswerReader
    private var outline = AnswerOutline()
    private var channels: [ChannelScan] = []
    private var held: [HeldEvent] = []
    private var heldBytes = 0
    private var pieces: [HeldEvent.Piece] = []
    private var scratch: [UInt8] = []
    private var appended: [Int: [String]] = [:]
    private var endedChoices: Set<Int> = []
    private var blockedChoices: Set<Int> = []
    private var changedChoices: Set<Int> = []
    /// The rules that fired, in order.
    private(set) var hits: [RuleHit] = []
    /// Whether the answer has ended, although the backend may still send.
    private(set) var isOver = false

    /// Starts an answer to a request that asked for so many choices, and perhaps for usage at the
    /// end of the stream.
    init(_ dialect: ChatWire.Dialect, rules: RuleSet, choices: Int, expectsUsage: Bool) {
        reader = AnswerReader(dialect)
        self.rules = rules
        expectedChoices = choices
        self.expectsUsage = expectsUsage
    }

    // MARK: Streams

    /// Takes one framed event and writes what may leave now.
    ///
    /// - Throws: ``UncheckableAnswer`` where it cannot be read as the rules would need to.
    mutating func feed(event raw: Span<UInt8>, into out: inout ByteBuffer) throws(UncheckableAnswer)
    {
        guard !isOver else { return }
        do {
            try reader.read(event: raw, into: &outline)
        } catch {
            throw UncheckableAnswer(reason: "an event of its stream is not JSON (\(error))")
        }
        try refuseAmbiguity()
        pieces.removeAll(keepingCapacity: true)
        switch outline.kind {
        case .noData: break
        case .done: endAll()
        case .answer: scan(raw)
        }
        let isPlain = changedChoices.isEmpty && blockedChoices.isEmpty
        let verdicts = takeVerdicts()
        if held.isEmpty, isPlain, verdicts.isEmpty, isDecided(pieces), !mustAppend {
            // The bytes are copied before the borrowed span ends.
            unsafe out.writeBytes(raw.bytes)
            for piece in pieces { channels[piece.channel].leave(piece.field, in: raw) }
            dropFinishedChannels()
            return
        }
        var event = HeldEvent(raw, outline, pieces)
        event.removedChoices = blockedChoices
        hold(event)
        for (channel, verdict) in verdicts { carryOut(verdict, in: channel) }
        appendAtEndings()
        concludeIfAllEnded()
        try release(into: &out)
    }

    /// The stream ended cleanly: decides and writes the rest.
    mutating func finishStream(into out: inout ByteBuffer) throws(UncheckableAnswer) {
        guard !isOver else { return }
        pieces.removeAll(keepingCapacity: true)
        outline = AnswerOutline()
        endAll()
        for (channel, verdict) in takeVerdicts() { carryOut(verdict, in: channel) }
        for choice in appended.keys.sorted() { hold(HeldEvent(made: appendix(of: choice))) }
        try release(into: &out)
    }

    // MARK: Whole answers

    /// Takes a whole answer and returns it with the rules carried out.
    ///
    /// - Throws: ``UncheckableAnswer`` where it cannot be read.
    mutating func enforce(whole body: ByteBuffer, isError: Bool) throws(UncheckableAnswer)
        -> ByteBuffer
    {
        do {
            if isError {
                try AnswerReader.readEveryString(body.readableBytesUInt8Span, into: &outline)
            } else {
                try reader.read(whole: body.readableBytesUInt8Span, into: &outline)
            }
        } catch {
            throw UncheckableAnswer(reason: "its body is not JSON (\(error))")
        }
        if !isError { try refuseAmbiguity() }
        scan(body.readableBytesUInt8Span)
        for index in channels.indices { channels[index].finish() }
        let verdicts = takeVerdicts()
        if verdicts.isEmpty { return body }
        held = [HeldEvent(body.readableBytesUInt8Span, outline, pieces)]
        for (channel, verdict) in verdicts { carryOut(verdict, in: channel, isWhole: true) }
        for choice in appended.keys.sorted() where !blockedChoices.contains(choice) {
            appendToContent(of: choice, in: 0)
        }
        let event = held[0]
        let blocking = blockedChoices.sorted().flatMap {
            reader.splices(blocking: $0, in: event.outline)
        }
        held[0].splices += blocking
        let bytes = held[0].rendered(by: reader, changedChoices: changedChoices) ?? []
        return ByteBuffer(bytes: bytes)
    }

    // MARK: Reading

    private func refuseAmbiguity() throws(UncheckableAnswer) {
        if outline.isAmbiguous {
            throw UncheckableAnswer(
                reason: "it has a key twice, and readers disagree on such an answer"
            )
        }
    }

    /// Feeds the event's texts to their channels' scanners and notes where they stand.
    private mutating func scan(_ raw: Span<UInt8>) {
        for field in outline.fields where !blockedChoices.contains(field.channel.choice) {
            let index = channel(for: field)
            let text = channels[index].feed(field, in: raw, scratch: &scratch)
            pieces.append(HeldEvent.Piece(channel: index, field: field, text: text))
        }
        for index in channels.indices where !channels[index].isFinished {
            let id = channels[index].id
            let isClosed = outline.choices.contains {
                $0.index == id.choice && $0.finishReason != nil
            }
            if isClosed { channels[index].finish() }
        }
        for piece in pieces where !piece.field.continues { channels[piece.channel].finish() }
        for choice in outline.choices where choice.finishReason != nil {
            endedChoices.insert(choice.index)
        }
    }

    private mutating func channel(for field: TextField) -> Int {
        let known = channels.lastIndex { $0.id == field.channel && !$0.isFinished }
        if let known { return known }
        channels.append(ChannelScan(field, rules: rules))
        return channels.count - 1
    }

    /// Texts that ended with their event must not pile up over a long stream.
    ///
    /// Only where nothing is held: held pieces name their channels by position.
    private mutating func dropFinishedChannels() {
        if channels.contains(where: \.isFinished) { channels.removeAll(where: \.isFinished) }
    }

    private mutating func takeVerdicts() -> [(channel: Int, verdict: Verdict)] {
        var all: [(channel: Int, verdict: Verdict)] = []
        for index in channels.indices {
            for verdict in channels[index].takeVerdicts() { all.append((index, verdict)) }
        }
        return all
    }

    private mutating func endAll() {
        for index in channels.indices { channels[index].finish() }
    }

    // MARK: Carrying out

    private mutating func carryOut(_ verdict: Verdict, in channel: Int, isWhole: Bool = false) {
        let choice = channels[channel].id.choice
        guard !blockedChoices.contains(choice) else { return }
        for rule in verdict.ruleIDs {
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
            if appended[choice, default: []].contains(text) { return }
            appended[choice, default: []].append(text)
        case .redact(let text), .replace(let text):
            edit(verdict.range, of: channel, to: text)
        case .block where choice == ChannelID.noChoice:
            // Text outside of any choice has no end of its own to come to.
            edit(verdict.range, of: channel, to: RuleAction.defaultRedaction)
        case .block:
            isWhole
                ? _ = blockedChoices.insert(choice)
                : block(choice, channel, from: verdict.range.lowerBound)
            changedChoices.insert(choice)
        }
    }

    /// Puts `text` where the range begins, and takes the rest of the range out of every event.
    private mutating func edit(_ range: Range<Int>, of channel: Int, to text: String) {
        var replacement = replacement(of: range, in: channel, by: text)
        changedChoices.insert(channels[channel].id.choice)
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
    private func replacement(of range: Range<Int>, in channel: Int, by text: String) -> [UInt8] {
        guard var position = channels[channel].leftAt else { return Array(text.utf8) }
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
    private mutating func block(_ choice: Int, _ channel: Int, from offset: Int) {
        let place = held.firstIndex { event in
            event.pieces.contains { $0.channel == channel && $0.text.upperBound > offset }
        }
        guard let place else { return }
        blockedChoices.insert(choice)
        for index in channels.indices where channels[index].id.choice == choice {
            channels[index].finish()
        }
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
        for later in held.index(after: place)..<held.endIndex {
            held[later].removedChoices.insert(choice)
        }
        insert(HeldEvent(made: reader.blockedEnding(choice: choice)), at: held.index(after: place))
        appended[choice] = nil
        endedChoices.insert(choice)
    }

    // MARK: Appending

    private var mustAppend: Bool {
        !appended.isEmpty
            && (outline.kind == .done || outline.choices.contains { $0.finishReason != nil })
    }

    /// What was appended to a choice goes in right before its end.
    private mutating func appendAtEndings() {
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

    private mutating func appendToContent(of choice: Int, in event: Int) {
        let content = ChannelID(choice: choice, path: .content)
        guard let piece = held[event].pieces.last(where: { $0.field.channel == content }),
            let text = appendedText(of: choice)
        else { return }
        let end = piece.field.content.upperBound
        held[event].splices.append(Splice(at: end, JSONString.encoded(text)))
    }

    private mutating func appendix(of choice: Int) -> [UInt8] {
        guard let text = appendedText(of: choice) else { return [] }
        return reader.textEvent(text, in: ChannelID(choice: max(choice, 0), path: .content))
    }

    private mutating func appendedText(of choice: Int) -> String? {
        appended.removeValue(forKey: choice).map { "\n\n" + $0.joined(separator: "\n\n") }
    }

    // MARK: Letting go

    private mutating func hold(_ event: HeldEvent) {
        held.append(event)
        heldBytes += event.raw.count
    }

    private mutating func insert(_ event: HeldEvent, at index: Int) {
        held.insert(event, at: index)
        heldBytes += event.raw.count
    }

    private mutating func concludeIfAllEnded() {
        guard !blockedChoices.isEmpty, !expectsUsage,
            (0..<expectedChoices).allSatisfy({ endedChoices.contains($0) })
        else { return }
        if outline.kind != .done { hold(HeldEvent(made: reader.streamEnd)) }
        isOver = true
    }

    private func isDecided(_ pieces: [HeldEvent.Piece]) -> Bool {
        pieces.allSatisfy { $0.text.upperBound <= channels[$0.channel].decidedOffset }
    }

    private mutating func release(into out: inout ByteBuffer) throws(UncheckableAnswer) {
        var released = 0
        while released < held.count, isDecided(held[released].pieces) {
            if let bytes = held[released].rendered(by: reader, changedChoices: changedChoices) {
                out.writeBytes(bytes)
            }
            let event = held[released]
            for piece in event.pieces {
                channels[piece.channel].leave(piece.field, in: event.raw.span)
            }
            heldBytes -= event.raw.count
            released += 1
        }
        if released > 0 { held.removeFirst(released) }
        if held.isEmpty { dropFinishedChannels() }
        if heldBytes > Self.heldLimitBytes {
            throw UncheckableAnswer(
                reason: "more than \(Self.heldLimitBytes) bytes wait for a rule's verdict"
            )
        }
    }
}
