import ChatWire
import NIOCore
import PrefLearning
import PrefModel
import PrefRules

/// Decides, event by event, what of an answer may leave.
///
/// Pure: bytes in, bytes out. An event waits, and those behind it with it, while any of its text may
/// still become part of a match; so the order stays, and an answer without a match leaves byte for
/// byte. What is decided depends on the backend's events, never on how they were cut into packets.
struct AnswerEnforcer {
    /// How many bytes of events may wait, the last one not counted, before the answer is given up: a
    /// bound on memory that no rule's longest match comes near.
    static let heldLimitBytes = 4 << 20

    let rules: RuleSet
    let expectedChoices: Int
    let expectsUsage: Bool
    /// What the rules ask of the answer because of what the request is about.
    let demands: [TopicDemand]
    /// What of it each choice has met, or had done for it.
    var met: [Int: Set<String>] = [:]
    /// The choices that have said anything: a tool call alone is no answer yet.
    var speaking: Set<Int> = []
    var reader: ChatWire.AnswerReader
    var outline = AnswerOutline()
    var channels: [ChannelScan] = []
    /// How many there have been.
    var channelCount = 0
    /// Where the latest of each name is, once there are so many that looking for one takes long.
    var channelPlaces: [ChannelID: Int] = [:]
    /// Where the texts of reasoning are that no answer has followed yet, by choice.
    var openReasoning: [Int: [Int]] = [:]
    var held: [HeldEvent] = []
    var heldBytes = 0
    /// The most that `heldBytes` was when an event had been looked at.
    private(set) var mostHeldBytes = 0
    var pieces: [HeldEvent.Piece] = []
    var scratch: [UInt8] = []
    var appended: [Int: [String]] = [:]
    /// What has been appended to a choice: it is not said twice.
    var said: [Int: Set<String>] = [:]
    /// How many numbered events of prefd's own the stream has.
    var ownEvents = 0
    var endedChoices: Set<Int> = []
    var blockedChoices: Set<Int> = []
    /// The texts that have been changed: nothing may spell them out again.
    var changedChannels: Set<ChannelID> = []
    /// What has left so far, where the dialect's early end depends on it.
    var shown: ShownStream
    /// Whether the last event that left was the backend's last and had no end: nothing may be written
    /// behind it as it is.
    private var endsOpen = false
    private let framing: StreamFraming
    /// What was written in place of parts of texts that are JSON in themselves, for their repeats.
    var replacements: [ChannelID: [Int: [UInt8]]] = [:]
    /// Measures what the answer looks like, where that is to be known.
    var measure: PrefLearning.AnswerReader?
    /// What a later request names the answer by that it measures.
    var name: ConversationKey?
    /// The rules that fired, in order.
    var hits: [RuleHit] = []
    /// Which texts they fired in: a hit in a repeat of one is not another.
    var fired = FiredRules()
    /// Whether the answer has ended, although the backend may still send.
    var isOver = false

    /// Starts an answer to a request that asked for so many choices, and perhaps for usage at the
    /// end of the stream.
    init(
        _ dialect: ChatWire.Dialect,
        rules: RuleSet,
        choices: Int,
        expectsUsage: Bool,
        demands: [TopicDemand] = [],
        isMeasured: Bool = false
    ) {
        if isMeasured { measure = PrefLearning.AnswerReader() }
        self.demands = demands
        reader = ChatWire.AnswerReader(dialect)
        shown = ShownStream(dialect)
        framing = dialect.framing
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
        try read(event: raw)
        try decide(event: raw, into: &out)
    }

    /// The first half: looks at an event's texts.
    mutating func read(event raw: Span<UInt8>) throws(UncheckableAnswer) {
        guard !isOver else { return }
        fired.nextEvent()
        do {
            try reader.read(event: raw, into: &outline)
        } catch {
            throw UncheckableAnswer(reason: "an event of its stream is not JSON (\(error))")
        }
        try refuseUnreadable()
        pieces.removeAll(keepingCapacity: true)
        switch outline.kind {
        case .noData: break
        case .done:
            scan(raw)
            endAll()
        case .answer: scan(raw)
        }
    }

    /// The second half: writes what may leave, or holds the event that was just read.
    mutating func decide(
        event raw: Span<UInt8>,
        into out: inout ByteBuffer
    ) throws(UncheckableAnswer) {
        guard !isOver else { return }
        let isPlain =
            changedChannels.isEmpty && blockedChoices.isEmpty && ownEvents == 0
            && outline.echoes.isEmpty
        let verdicts = takeVerdicts()
        if held.isEmpty, isPlain, verdicts.isEmpty, isDecided(pieces), !mustAppend {
            // The bytes are copied before the borrowed span ends.
            unsafe out.writeBytes(raw.bytes)
            shown.note(raw)
            endsOpen = !raw.isEnded(in: framing)
            for piece in pieces { channels[piece.channel].leave(piece.field, in: raw) }
            dropFinishedChannels()
            return
        }
        var event = HeldEvent(raw, outline, pieces)
        event.removedChoices = blockedChoices
        event.eventsBefore = ownEvents
        hold(event)
        carryOut(verdicts)
        meetDemands()
        appendAtEndings()
        concludeIfAllEnded()
        try release(into: &out)
    }

    /// Carries out verdicts that came behind the last event.
    mutating func settle(into out: inout ByteBuffer) throws(UncheckableAnswer) {
        carryOut(takeVerdicts())
        try release(into: &out)
    }

    /// The stream ended cleanly, and with it all texts.
    mutating func endStream() {
        guard !isOver else { return }
        pieces.removeAll(keepingCapacity: true)
        outline = AnswerOutline()
        endAll()
    }

    /// The stream ended cleanly: decides and writes the rest.
    mutating func finishStream(into out: inout ByteBuffer) throws(UncheckableAnswer) {
        guard !isOver else { return }
        endStream()
        carryOut(takeVerdicts())
        for choice in appended.keys.sorted() {
            hold(HeldEvent(made: appendix(of: choice, before: held.endIndex)))
        }
        try release(into: &out)
    }

    // MARK: Whole answers

    /// Takes a whole answer and returns it with the rules carried out.
    ///
    /// - Throws: ``UncheckableAnswer`` where it cannot be read.
    mutating func enforce(whole body: ByteBuffer, isError: Bool) throws(UncheckableAnswer)
        -> ByteBuffer
    {
        try read(whole: body, isError: isError)
        return decide(whole: body, isError: isError)
    }

    /// The first half: looks at all texts of a whole answer.
    mutating func read(whole body: ByteBuffer, isError: Bool) throws(UncheckableAnswer) {
        do {
            if isError {
                try ChatWire.AnswerReader.readEveryString(
                    body.readableBytesUInt8Span,
                    into: &outline
                )
            } else {
                try reader.read(whole: body.readableBytesUInt8Span, into: &outline)
            }
        } catch {
            throw UncheckableAnswer(reason: "its body is not JSON (\(error))")
        }
        if !isError { try refuseUnreadable() }
        scan(body.readableBytesUInt8Span)
        for index in channels.indices { channels[index].finish() }
    }

    /// The second half: the whole answer with the rules carried out.
    mutating func decide(whole body: ByteBuffer, isError: Bool) -> ByteBuffer {
        let verdicts = takeVerdicts()
        if verdicts.isEmpty, outline.echoes.isEmpty, demands.isEmpty { return body }
        held = [HeldEvent(body.readableBytesUInt8Span, outline, pieces)]
        for each in verdicts { carryOut(each.verdict, in: each.channel, isWhole: true) }
        if !isError { meetDemands() }
        for choice in appended.keys.sorted() where !blockedChoices.contains(choice) {
            appendToWhole(choice)
        }
        let event = held[0]
        let blocking = blockedChoices.sorted().flatMap {
            reader.splices(blocking: $0, in: event.outline)
        }
        held[0].splices += blocking
        let bytes = held[0].rendered(by: reader, changed: changedChannels) ?? []
        return ByteBuffer(bytes: bytes)
    }

    // MARK: Letting go

    mutating func hold(_ event: HeldEvent) {
        held.append(event)
        heldBytes += event.raw.count
    }

    mutating func insert(_ event: HeldEvent, at index: Int) {
        held.insert(event, at: index)
        heldBytes += event.raw.count
    }

    mutating func concludeIfAllEnded() {
        guard !isOver, !blockedChoices.isEmpty, !expectsUsage,
            (0..<expectedChoices).allSatisfy({ endedChoices.contains($0) })
        else { return }
        if outline.kind != .done { hold(HeldEvent(made: reader.streamEnd)) }
        isOver = true
    }

    /// What the client will have been shown before the held event at `index`.
    func shown(before index: Int) -> ShownStream {
        var shown = shown
        for event in held[..<index] {
            let bytes = event.rendered(by: reader, changed: changedChannels)
            if let bytes { shown.note(bytes.span) }
        }
        return shown
    }

    func isDecided(_ pieces: [HeldEvent.Piece]) -> Bool {
        pieces.allSatisfy { $0.text.upperBound <= channels[$0.channel].decidedOffset }
    }

    mutating func release(into out: inout ByteBuffer) throws(UncheckableAnswer) {
        var released = 0
        while released < held.count, isDecided(held[released].pieces) {
            if let bytes = held[released].rendered(by: reader, changed: changedChannels) {
                if endsOpen { out.writeString(framing == .jsonLines ? "\n" : "\n\n") }
                out.writeBytes(bytes)
                shown.note(bytes.span)
                endsOpen = !bytes.span.isEnded(in: framing)
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
        if heldBytes > mostHeldBytes { mostHeldBytes = heldBytes }
        if heldBytes - (held.last?.raw.count ?? 0) > Self.heldLimitBytes {
            throw UncheckableAnswer(
                reason: "more than \(Self.heldLimitBytes) bytes wait for a rule's verdict"
            )
        }
    }
}

extension Span<UInt8> {
    /// Whether an event of these bytes has its end, as all but the last of a stream do.
    fileprivate func isEnded(in framing: StreamFraming) -> Bool {
        guard let line = beforeLineEnd(from: count) else { return count == 0 }
        guard framing == .serverSentEvents else { return true }
        return line == 0 || beforeLineEnd(from: line) != nil
    }

    /// Where the line end begins that ends before a place; nil where none does.
    private func beforeLineEnd(from place: Int) -> Int? {
        guard place > 0 else { return nil }
        switch self[place - 1] {
        case UInt8(ascii: "\n") where place > 1 && self[place - 2] == UInt8(ascii: "\r"):
            return place - 2
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return place - 1
        default: return nil
        }
    }
}
