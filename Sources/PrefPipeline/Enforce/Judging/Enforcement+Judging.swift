import ChatWire
import NIOCore
import PrefRules

// Answers whose texts models judge: one event after the other, each with its verdicts.
//
// The backend is not read on while a verdict is awaited. What it writes meanwhile waits in its socket,
// so that memory stays bounded, and is caught up with.

extension Enforcement {
    /// After how long without a byte for the client a comment tells it that the answer lives.
    private static let silence = Duration.seconds(10)

    /// A whole answer.
    func judge(_ enforcer: inout AnswerEnforcer, by judge: AnswerJudge) async throws {
        let asked = enforcer.takeQuestions()
        let verdicts = try await judge.verdicts(on: asked.map(\.question))
        for (question, isUnsafe) in zip(asked, verdicts) {
            enforcer.answer(question, isUnsafe: isUnsafe)
        }
    }

    /// The same for a body that is plain text.
    func judge(_ enforcer: inout PlainTextEnforcer, by judge: AnswerJudge) async throws {
        let asked = enforcer.takeQuestions()
        for (question, isUnsafe) in zip(asked, try await judge.verdicts(on: asked)) {
            enforcer.answer(question, isUnsafe: isUnsafe)
        }
    }

    /// Passes a stream on, and writes what may leave as it is decided.
    func stream(
        _ answer: ForwardResponse,
        _ enforcer: inout AnswerEnforcer,
        by judge: AnswerJudge
    ) async throws {
        var framer = StreamFramer(dialect.framing)
        var lastWrite = ContinuousClock.now
        while !enforcer.isOver, let chunk = try await answer.nextChunk() {
            var events: [[UInt8]] = []
            let failure = Self.events(of: chunk, &framer, into: &events)
            for event in events {
                if try await pass(event, &enforcer, by: judge) { lastWrite = .now }
            }
            if let failure { throw failure }
            if ContinuousClock.now - lastWrite > Self.silence, try await sayAlive() {
                lastWrite = .now
            }
        }
        var events: [[UInt8]] = []
        let rest = framer.finish { event in events.append(Splice.apply([], to: event)) }
        // Some readers take an event without its blank line for whole: it is looked at all the same.
        if !rest.isEmpty { events.append(rest) }
        for event in events { _ = try await pass(event, &enforcer, by: judge) }
        enforcer.endStream()
        try await self.judge(&enforcer, by: judge)
        var out = ByteBuffer()
        try enforcer.finishStream(into: &out)
        if out.readableBytes > 0 { try await writer.write(out) }
    }

    /// Takes one event, with what models say of the windows that end in it.
    ///
    /// - Returns: whether anything was written.
    private func pass(
        _ event: [UInt8],
        _ enforcer: inout AnswerEnforcer,
        by judge: AnswerJudge
    ) async throws -> Bool {
        try enforcer.read(event: event.span)
        var asked = enforcer.takeQuestions()
        // Where rules only record, the text leaves first.
        if asked.contains(where: \.question.classifier.holds) {
            try await answer(asked, &enforcer, by: judge)
            asked = []
        }
        var out = ByteBuffer()
        try enforcer.decide(event: event.span, into: &out)
        if out.readableBytes > 0 { try await writer.write(out) }
        var hasWritten = out.readableBytes > 0
        // A block ends other texts of its choice, and so windows of theirs.
        asked += enforcer.takeQuestions()
        while !asked.isEmpty {
            try await answer(asked, &enforcer, by: judge)
            out = ByteBuffer()
            try enforcer.settle(into: &out)
            if out.readableBytes > 0 { try await writer.write(out) }
            hasWritten = hasWritten || out.readableBytes > 0
            asked = enforcer.takeQuestions()
        }
        return hasWritten
    }

    private func answer(
        _ asked: [ChannelQuestion],
        _ enforcer: inout AnswerEnforcer,
        by judge: AnswerJudge
    ) async throws {
        let verdicts = try await judge.verdicts(on: asked.map(\.question))
        for (question, isUnsafe) in zip(asked, verdicts) {
            enforcer.answer(question, isUnsafe: isUnsafe)
        }
    }

    /// The events that a chunk completes; what is wrong with the stream behind them is given back.
    private static func events(
        of chunk: ByteBuffer,
        _ framer: inout StreamFramer,
        into events: inout [[UInt8]]
    ) -> UncheckableAnswer? {
        do throws(FramingError<Never>) {
            try framer.feed(chunk.readableBytesUInt8Span) { event in
                events.append(Splice.apply([], to: event))
            }
            return nil
        } catch {
            switch error {
            case .eventTooLong(let limit):
                return UncheckableAnswer(reason: "an event is longer than \(limit) bytes")
            case .consumer(let never): switch never {}
            }
        }
    }

    /// Writes a comment, where the dialect's streams have any.
    private func sayAlive() async throws -> Bool {
        guard case .serverSentEvents = dialect.framing else { return false }
        try await writer.write(ByteBuffer(string: ": the rules wait for a verdict\n\n"))
        return true
    }
}
