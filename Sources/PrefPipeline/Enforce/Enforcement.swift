import ChatWire
import NIOCore
import NIOHTTP1
import PrefModel
import PrefRules

/// Carries a backend's answer to the client, past the rules: the side of enforcement that does I/O.
struct Enforcement: Sendable {
    /// The longest whole answer that is read, in bytes.
    static let wholeLimitBytes = 64 << 20

    let dialect: ChatWire.Dialect
    let rules: RuleSet
    /// The topics of the request, also those that are not sure: what is not sure is treated as the
    /// stricter case.
    let topics: [String]
    let choices: Int
    let expectsUsage: Bool
    /// Puts the choices of a whole answer into another order; nil where they stay as they are.
    let rank: AnswerRank?
    /// Told what the answer looked like, right before its end is sent; nil where nobody may know.
    let measured: (@Sendable (MeasuredAnswer) -> Void)?
    private(set) var backend: String
    let writer: any AnswerWriter
    /// prefd's own headers.
    let headers: HTTPHeaders
    /// Whom rules ask that go by a model; nil where none does.
    let judge: AnswerJudge?

    /// The same, of the answer of another backend: of the one that stood in.
    func reading(_ backend: String) -> Enforcement {
        var enforcement = self
        enforcement.backend = backend
        return enforcement
    }

    /// Passes an answer on.
    ///
    /// What the backend sent decides how it is read, not what the client asked for: a stream where
    /// none was wanted is enforced as a stream.
    ///
    /// - Throws: ``Refusal`` while nothing has been sent, or what the client's connection throws.
    func pass(_ answer: ForwardResponse) async throws -> AnswerOutcome {
        let codings = answer.headers["content-encoding"].filter { $0.lowercased() != "identity" }
        guard codings.isEmpty else {
            throw Refusal.uncheckable(
                "it is compressed although that was declined",
                backend: backend
            )
        }
        let type = Self.mediaType(answer.headers.first(name: "content-type"))
        if dialect.framing.mediaTypes.contains(type) { return try await stream(answer) }
        if answer.status < 400 {
            guard type == "application/json" else {
                throw Refusal.uncheckable(
                    "it is neither JSON nor a stream of this API's kind",
                    backend: backend
                )
            }
            return try await whole(answer, as: .answer)
        }
        return try await whole(answer, as: type == "application/json" ? .jsonError : .textError)
    }

    /// A `Content-Type` without its parameters, in small letters (RFC 9110, section 8.3.1).
    private static func mediaType(_ header: String?) -> String {
        let type = (header ?? "").utf8.prefix { $0 != UInt8(ascii: ";") }
        let text = type.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        return String(decoding: text, as: UTF8.self).lowercased()
    }

    private enum WholeKind { case answer, jsonError, textError }

    private func makeEnforcer() -> AnswerEnforcer {
        AnswerEnforcer(
            dialect,
            rules: rules,
            choices: choices,
            expectsUsage: expectsUsage,
            demands: rules.demands(on: topics),
            isMeasured: measured != nil
        )
    }

    private func whole(_ answer: ForwardResponse, as kind: WholeKind) async throws -> AnswerOutcome
    {
        var body = ByteBuffer()
        while let chunk = try await answer.nextChunk() {
            body.writeImmutableBuffer(chunk)
            guard body.readableBytes <= Self.wholeLimitBytes else {
                throw Refusal.uncheckable(
                    "it is longer than \(Self.wholeLimitBytes) bytes",
                    backend: backend
                )
            }
        }
        let arrived = ContinuousClock.now
        var hits: [RuleHit] = []
        if kind == .textError {
            var enforcer = PlainTextEnforcer(body, rules: rules)
            if let judge { try await self.judge(&enforcer, by: judge) }
            (body, hits) = enforcer.enforced()
        } else {
            var enforcer = makeEnforcer()
            do throws(UncheckableAnswer) {
                try enforcer.read(whole: body, isError: kind == .jsonError)
            } catch {
                throw Refusal.uncheckable(error.reason, backend: backend)
            }
            if let judge { try await self.judge(&enforcer, by: judge) }
            body = enforcer.decide(whole: body, isError: kind == .jsonError)
            hits = enforcer.hits
            if kind == .answer {
                var answer = enforcer.measured
                if let ranked = await rank?.applied(to: body) {
                    body = ranked.body
                    answer?.counts = ranked.first
                }
                if let answer { measured?(answer) }
            }
        }
        var sent = ForwardedHeaders.toClient(answer.headers)
        sent.add(contentsOf: headers)
        let times = AnswerTimes(since: arrived)
        try await writer.whole(status: answer.status, headers: sent, body: body)
        return outcome(answer.status, hits, times)
    }

    private func stream(_ answer: ForwardResponse) async throws -> AnswerOutcome {
        var sent = ForwardedHeaders.toClient(answer.headers)
        sent.add(contentsOf: headers)
        try await writer.head(status: answer.status, headers: sent)
        var enforcer = makeEnforcer()
        // What was decided before an event that cannot be read still leaves.
        var out = ByteBuffer()
        var times: AnswerTimes?
        do {
            if let judge {
                try await stream(answer, &enforcer, by: judge)
            } else {
                var framer = StreamFramer(dialect.framing)
                var arrived: ContinuousClock.Instant?
                while !enforcer.isOver, let chunk = try await answer.nextChunk() {
                    if arrived == nil { arrived = .now }
                    out = ByteBuffer()
                    try Self.enforce(chunk, &framer, &enforcer, into: &out)
                    guard out.readableBytes > 0 else { continue }
                    if times == nil { times = arrived.map(AnswerTimes.init(since:)) }
                    try await writer.write(out)
                }
                out = ByteBuffer()
                try Self.enforceEnd(&framer, &enforcer, into: &out)
                if out.readableBytes > 0 { try await writer.write(out) }
            }
        } catch let error as UncheckableAnswer {
            if out.readableBytes > 0 { try await writer.write(out) }
            return try await breakOff(.uncheckable(error.reason, backend: backend), enforcer)
        } catch let error as UpstreamFailure {
            return try await breakOff(.upstream(error, backend: backend), enforcer)
        }
        if let answer = enforcer.measured { measured?(answer) }
        try await writer.finish()
        var outcome = outcome(answer.status, enforcer.hits, times)
        outcome.heldBytes = enforcer.mostHeldBytes
        return outcome
    }

    private func outcome(
        _ status: Int,
        _ hits: [RuleHit],
        _ times: AnswerTimes? = nil
    ) -> AnswerOutcome {
        AnswerOutcome(
            status: status,
            hits: hits,
            unchecked: judge?.unchecked ?? [],
            times: times
        )
    }

    private static func enforce(
        _ chunk: ByteBuffer,
        _ framer: inout StreamFramer,
        _ enforcer: inout AnswerEnforcer,
        into out: inout ByteBuffer
    ) throws(UncheckableAnswer) {
        do {
            try framer.feed(chunk.readableBytesUInt8Span) { event throws(UncheckableAnswer) in
                try enforcer.feed(event: event, into: &out)
            }
        } catch {
            switch error {
            case .consumer(let uncheckable): throw uncheckable
            case .eventTooLong(let limit):
                throw UncheckableAnswer(reason: "an event is longer than \(limit) bytes")
            }
        }
    }

    private static func enforceEnd(
        _ framer: inout StreamFramer,
        _ enforcer: inout AnswerEnforcer,
        into out: inout ByteBuffer
    ) throws(UncheckableAnswer) {
        let rest = try framer.finish { event throws(UncheckableAnswer) in
            try enforcer.feed(event: event, into: &out)
        }
        // Some readers take an event without its blank line for whole: it is looked at all the same.
        if !rest.isEmpty { try enforcer.feed(event: rest.span, into: &out) }
        try enforcer.finishStream(into: &out)
    }

    /// Ends a stream so that nobody takes it for whole: the dialect's own error event, and then no
    /// proper end.
    private func breakOff(_ refusal: Refusal, _ enforcer: AnswerEnforcer) async throws
        -> AnswerOutcome
    {
        let event = dialect.errorEvent(
            message: refusal.message,
            type: "api_error",
            code: refusal.code,
            number: enforcer.shown.nextSequenceNumber
        )
        try await writer.write(ByteBuffer(bytes: event))
        await writer.abort()
        var outcome = outcome(refusal.status, enforcer.hits)
        outcome.failure = refusal
        return outcome
    }
}
