import ChatWire
import FoundationEssentials
import NIOCore
import NIOHTTP1
import PrefModel
import PrefRules

/// One request on its way to its answer.
///
/// Reads like the sentence on the map: identify the peer → classify the circumstances → compose the
/// block → rewrite the body → forward → enforce on the output → record.
struct Exchange {
    private let request: IncomingRequest
    private let peer: Peer
    private let writer: any AnswerWriter
    private let pipeline: Pipeline
    private let settings: PipelineSettings
    private let id = RequestID.new()
    private let began = ContinuousClock.now
    private var trace = ExchangeTrace()

    init(
        _ request: IncomingRequest,
        from peer: Peer,
        into writer: any AnswerWriter,
        through pipeline: Pipeline
    ) {
        self.request = request
        self.peer = peer
        self.writer = writer
        self.pipeline = pipeline
        settings = pipeline.settings()
    }

    /// Answers the request.
    ///
    /// - Throws: `CancellationError` where the client has gone.
    mutating func run() async throws {
        do {
            switch Endpoint.of(method: request.method, path: request.path) {
            case nil: throw Refusal.unknownEndpoint(method: request.method, path: request.path)
            case .openAIChat: try await converse()
            case .passThrough(let family): try await pass(family)
            }
        } catch let refusal as Refusal {
            try await refuse(refusal)
        } catch let failure as UpstreamFailure {
            try await refuse(.upstream(failure, backend: trace.backend ?? "?"))
        } catch {
            // What is left is the client's connection: nobody is there to answer.
            record(.clientGone, .debug, "The client went away before its answer was whole.")
            throw error
        }
    }

    /// A generating endpoint: all the steps.
    private mutating func converse() async throws {
        let outline = try readChat()
        let circumstances = try request.circumstances(app: peer.app)
        let principal = try peer.principal(
            header: request.header("X-Prefd-User"),
            body: outline.endUser
        )
        trace.identified(principal, circumstances)
        try pipeline.inFlight.enter(principal, limit: settings.requestsPerUser)
        defer { pipeline.inFlight.leave(principal) }

        let backend = try Router(backends: settings.backends).backend(
            for: .openai,
            model: outline.model
        )
        let composition = await compose(for: principal, in: circumstances)
        let body = rewrite(outline, with: composition)
        remember(composition, outline: outline, backend: backend)
        if circumstances.mode == .preview { return try await preview(composition, body, backend) }

        let enforcement = Enforcement(
            dialect: .openAIChat,
            rules: settings.rules,
            choices: outline.choices,
            expectsUsage: outline.includesUsage,
            backend: backend.name,
            writer: writer,
            headers: answerHeaders
        )
        let outcome = try await forward(body, to: backend, as: .openai) { answer in
            try await enforcement.pass(answer)
        }
        complete(outcome)
    }

    /// An endpoint that is known to answer without model text.
    private mutating func pass(_ family: APIFamily) async throws {
        let circumstances = try request.circumstances(app: peer.app)
        let principal = try peer.principal(header: request.header("X-Prefd-User"))
        trace.identified(principal, circumstances)
        try pipeline.inFlight.enter(principal, limit: settings.requestsPerUser)
        defer { pipeline.inFlight.leave(principal) }

        let model = try PassThroughRequest.model(of: request)
        let backend = try Router(backends: settings.backends).backend(for: family, model: model)
        let (writer, own) = (writer, answerHeaders)
        let outcome = try await forward(request.body, to: backend, as: family) { answer in
            try await Self.copy(answer, to: writer, with: own)
        }
        complete(outcome)
    }

    // MARK: The steps

    private func readChat() throws(Refusal) -> ChatRequestOutline {
        do {
            return try OpenAIChat.readRequest(request.body.readableBytesUInt8Span)
        } catch {
            throw .malformed(message: error.message, parameter: error.param)
        }
    }

    private func compose(for principal: Principal, in circumstances: Circumstances) async
        -> Composition
    {
        let composer = Composer(vocabulary: .standard, settings: settings.composer)
        do {
            let profile = try await pipeline.profiles.profile(of: principal)
            return composer.compose(profile.preferences, in: circumstances)
        } catch {
            // A broken store never breaks an answer: it is given without preferences.
            record(
                .storeUnavailable,
                .error,
                "The store gave no profile; answered without preferences."
            )
            return composer.compose([], in: circumstances)
        }
    }

    /// The body with the block in it; the very same body where there is nothing to inject.
    private func rewrite(_ outline: ChatRequestOutline, with composition: Composition) -> ByteBuffer
    {
        guard let block = composition.block else { return request.body }
        let placement: PreferenceBlock.Placement =
            settings.composer.placement == .end ? .end : .start
        return request.body.applying(outline.splices(inserting: block, placement: placement))
    }

    private mutating func forward(
        _ body: ByteBuffer,
        to backend: Backend,
        as family: APIFamily,
        _ consume: @Sendable (ForwardResponse) async throws -> AnswerOutcome
    ) async throws -> AnswerOutcome {
        trace.backend = backend.name
        let outgoing = ForwardRequest(
            method: request.method,
            target: backend.basePath + request.target,
            headers: ForwardedHeaders.toBackend(request.headers, backend, family: family),
            body: body
        )
        return try await pipeline.upstream.exchange(outgoing, with: backend, consume)
    }

    /// Nothing reads this body here, so it goes on in whatever coding it came in.
    private static func copy(
        _ answer: ForwardResponse,
        to writer: any AnswerWriter,
        with own: HTTPHeaders
    ) async throws -> AnswerOutcome {
        var headers = ForwardedHeaders.toClient(answer.headers)
        for coding in answer.headers["content-encoding"] {
            headers.add(name: "content-encoding", value: coding)
        }
        headers.add(contentsOf: own)
        try await writer.head(status: answer.status, headers: headers)
        while let chunk = try await answer.nextChunk() { try await writer.write(chunk) }
        try await writer.finish()
        return AnswerOutcome(status: answer.status)
    }

    // MARK: Answers of prefd's own

    private var answerHeaders: HTTPHeaders {
        ExchangeHeaders.of(requestID: id, tier: trace.tier, applied: trace.applied)
    }

    private func preview(_ composition: Composition, _ body: ByteBuffer, _ backend: Backend)
        async throws
    {
        let preview = try Preview.json(
            requestID: id,
            tier: trace.tier,
            composition: composition,
            backend: backend.name,
            body: body
        )
        try await writer.whole(status: 200, headers: answerHeaders.json, body: preview)
        pipeline.log.complete(id, status: 200, rules: [])
        record(.previewServed, .info, "Showed what would have been sent; no backend was called.")
    }

    private func refuse(_ refusal: Refusal) async throws {
        if case .upstream = refusal { pipeline.counters.count(failureOf: trace.backend ?? "?") }
        pipeline.counters.count(refused: refusal.code)
        pipeline.log.complete(id, status: refusal.status, rules: [])
        let kind: EventKind
        let priority: Event.Priority
        switch refusal {
        case .upstream, .uncheckable: (kind, priority) = (.backendFailed, .error)
        case .userNotAllowed: (kind, priority) = (.identityRefused, .warning)
        default: (kind, priority) = (.requestRefused, .info)
        }
        record(kind, priority, "Refused a request: \(refusal.code).", action: refusal.code)
        guard !writer.headSent else { return await writer.abort() }
        try await writer.whole(
            status: refusal.status,
            headers: answerHeaders.json,
            body: ErrorEnvelope.body(of: refusal, in: Endpoint.family(of: request.path))
        )
    }

    // MARK: The record

    private mutating func remember(
        _ composition: Composition,
        outline: ChatRequestOutline,
        backend: Backend
    ) {
        guard let principal = trace.principal, let circumstances = trace.circumstances else {
            return
        }
        trace.applied = composition.injected.count
        if composition.block != nil { pipeline.counters.countPersonalized() }
        pipeline.log.remember(
            Explanation(
                id: id,
                at: Date(),
                endpoint: request.path,
                model: outline.model,
                backend: backend.name,
                context: circumstances.context,
                tier: circumstances.tier,
                mode: circumstances.mode,
                block: composition.block,
                injected: composition.injected,
                withheld: composition.withheld
            ),
            of: principal
        )
    }

    private func complete(_ outcome: AnswerOutcome) {
        if let failure = outcome.failure {
            if case .upstream = failure { pipeline.counters.count(failureOf: trace.backend ?? "?") }
            record(
                .backendFailed,
                .error,
                "Broke a stream off: \(failure.code).",
                action: failure.code
            )
        }
        pipeline.counters.count(answer: outcome.status)
        pipeline.log.complete(id, status: outcome.status, rules: outcome.hits)
        for hit in outcome.hits {
            pipeline.counters.count(rule: hit.rule, action: hit.action)
            record(
                hit.action == "block" ? .answerBlocked : .ruleFired,
                .notice,
                "A universal rule acted on an answer: \(hit.rule) (\(hit.action)).",
                rule: hit.rule,
                action: hit.action
            )
        }
        record(
            .requestServed,
            .info,
            "Served \(request.path).",
            more: ["PREFD_STATUS": String(outcome.status)]
        )
    }

    private func record(
        _ kind: EventKind,
        _ priority: Event.Priority,
        _ message: String,
        rule: String? = nil,
        action: String? = nil,
        more: [String: String] = [:]
    ) {
        let took = ContinuousClock.now - began
        pipeline.events.record(
            Event(
                kind,
                priority: priority,
                message: message,
                requestID: id,
                pseudonym: trace.principal.map(pipeline.profiles.pseudonym(of:)),
                app: peer.app,
                tier: trace.circumstances?.tier,
                rule: rule,
                action: action,
                durationMicroseconds: took.components.seconds * 1_000_000
                    + took.components.attoseconds / 1_000_000_000_000,
                more: more
            )
        )
    }
}

/// What an exchange has found out so far, for its headers and its record.
private struct ExchangeTrace {
    var principal: Principal?
    var circumstances: Circumstances?
    var backend: String?
    var applied = 0
    var tier: Tier { circumstances?.tier ?? .personalizable }

    mutating func identified(_ principal: Principal, _ circumstances: Circumstances) {
        self.principal = principal
        self.circumstances = circumstances
    }
}
