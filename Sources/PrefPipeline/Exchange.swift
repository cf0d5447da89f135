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
    let request: IncomingRequest
    let peer: Peer
    let writer: any AnswerWriter
    let pipeline: Pipeline
    let memory: TopicMemory
    let settings: PipelineSettings
    let id = RequestID.new()
    let began = ContinuousClock.now
    var trace = ExchangeTrace()

    init(
        _ request: IncomingRequest,
        from peer: Peer,
        recalling memory: TopicMemory,
        into writer: any AnswerWriter,
        through pipeline: Pipeline
    ) {
        self.request = request
        self.peer = peer
        self.writer = writer
        self.pipeline = pipeline
        self.memory = memory
        settings = pipeline.settings()
    }

    /// Answers the request.
    ///
    /// - Throws: `CancellationError` where the client has gone.
    mutating func run() async throws {
        do {
            switch request.endpoint {
            case nil: throw Refusal.unknownEndpoint(method: request.method, path: request.path)
            case .generating(let dialect): try await converse(in: dialect)
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
    mutating func converse(in dialect: Dialect) async throws {
        let outline = try read(dialect)
        trace.topics = topics(of: outline)
        let circumstances = try request.circumstances(app: peer.app).about(trace.topics)
        let principal = try peer.principal(request.ownFields, body: outline.endUser)
        trace.identified(
            principal,
            as: pipeline.log.pseudonyms.pseudonym(of: principal, from: pipeline.profiles),
            circumstances
        )
        try pipeline.inFlight.enter(principal, limit: settings.requestsPerUser)
        defer { pipeline.inFlight.leave(principal) }

        let backend = try Router(backends: settings.backends).backend(
            for: APIFamily(dialect),
            model: outline.model
        )
        let profile = await profile(of: principal, in: circumstances.context.app)
        let rank = try rank(outline, in: dialect, profile, principal, circumstances)
        var composition = compose(profile, for: principal, in: circumstances)
        if !outline.takesBlock { composition = composition.withholdingAll(.endpoint) }
        composition = experimenting(with: composition, profile, outline, in: circumstances)
        let reminder = reminder(of: composition, in: outline)
        let body = rewrite(outline, with: composition, reminder)
        remember(composition, reminder, outline: outline, backend: backend)
        let learns = circumstances.mode == .on && profile.mayKeepSignals
        if profile.granted.contains(.signalsImplicit) {
            if learns { notice(outline, of: principal, in: circumstances) }
            if circumstances.mode != .preview { rememberConversation(outline, of: principal) }
        }
        if circumstances.mode == .preview { return try await preview(composition, body, backend) }

        let enforcement = Enforcement(
            dialect: dialect,
            rules: settings.rules,
            topics: trace.topics.map(\.topic),
            choices: outline.choices,
            expectsUsage: outline.includesUsage,
            rank: rank,
            measured: learns ? measured(for: principal, profile) : nil,
            backend: backend.name,
            writer: writer,
            headers: answerHeaders,
            judge: settings.rules.asksModels ? judge : nil
        )
        let outcome = try await forward(body, to: backend, as: APIFamily(dialect)) {
            try await enforcement.reading($1.name).pass($0)
        }
        complete(outcome)
    }

    /// An endpoint that is known to answer without model text.
    mutating func pass(_ family: APIFamily) async throws {
        let circumstances = try request.circumstances(app: peer.app)
        let principal = try peer.principal(request.ownFields, body: nil)
        trace.identified(
            principal,
            as: pipeline.log.pseudonyms.pseudonym(of: principal, from: pipeline.profiles),
            circumstances
        )
        try pipeline.inFlight.enter(principal, limit: settings.requestsPerUser)
        defer { pipeline.inFlight.leave(principal) }

        let model = try PassThroughRequest.model(of: request)
        let backend = try Router(backends: settings.backends).backend(for: family, model: model)
        let (writer, own) = (writer, answerHeaders)
        let outcome = try await forward(request.body, to: backend, as: family) { answer, _ in
            try await Self.copy(answer, to: writer, with: own)
        }
        complete(outcome)
    }

    /// Asks the models that rules go by, for this exchange's answer.
    private var judge: AnswerJudge {
        let exchange = self
        return AnswerJudge(
            model: ModelVerdict(upstream: pipeline.upstream, backends: settings.backends) {
                exchange.note($0, of: $1)
            },
            cache: settings.verdicts
        )
    }

    // MARK: The steps

    func read(_ dialect: Dialect) throws(Refusal) -> ChatRequestOutline {
        do {
            return try dialect.readRequest(request.body.readableBytesUInt8Span)
        } catch {
            throw .malformed(message: error.message, parameter: error.param)
        }
    }

    /// The principal's profile in the app; an empty one where the store is broken, which never breaks an answer.
    func profile(of principal: Principal, in app: String) async -> Profile {
        do {
            return try await pipeline.profiles.profile(of: principal, in: app)
        } catch {
            record(
                .storeUnavailable,
                .error,
                "The store gave no profile; answered without preferences."
            )
            return .unknown
        }
    }

    func compose(
        _ profile: Profile,
        for principal: Principal,
        in circumstances: Circumstances
    ) -> Composition {
        pipeline.log.compositions.composition(
            of: profile.preferences,
            for: principal,
            in: circumstances,
            under: settings.composer
        ).telling(ofDropped: profile.dropped, in: circumstances)
    }

    /// Remembers, in memory only, what the answer looked like: a rating by its id is then of that, and
    /// where follow-ups may be noticed, so is a request that carries it on by what the backend gave.
    func measured(
        for principal: Principal,
        _ profile: Profile
    ) -> @Sendable (MeasuredAnswer) -> Void {
        let (log, id) = (pipeline.log, id)
        let notices = profile.granted.contains(.signalsImplicit)
        return { answer in
            log.measured(answer.counts, as: id, of: principal)
            guard notices, let name = answer.name else { return }
            log.remember(answer: name, as: id, of: principal)
        }
    }

    /// The body with the block in it; the very same body where there is nothing to inject.
    func rewrite(
        _ outline: ChatRequestOutline,
        with composition: Composition,
        _ reminder: Splice?
    ) -> ByteBuffer {
        guard let block = composition.block else { return request.body }
        let placement: PreferenceBlock.Placement =
            settings.composer.placement == .end ? .end : .start
        var splices = outline.splices(inserting: block, placement: placement)
        if let reminder { splices = Splice.ordered(splices + [reminder]) }
        return request.body.applying(splices)
    }

    /// The block's short form, right before the last user message of a long conversation: what
    /// stands only at its top is forgotten (PrefEval, arXiv 2502.09597).
    func reminder(of composition: Composition, in outline: ChatRequestOutline) -> Splice? {
        let turns = settings.composer.reminderAfterTurns
        guard turns > 0, outline.userTurns > turns, let text = composition.reminder else {
            return nil
        }
        return outline.splice(reminding: text)
    }

    /// Nothing reads this body here, so it goes on in whatever coding it came in.
    static func copy(
        _ answer: ForwardResponse,
        to writer: any AnswerWriter,
        with own: HTTPHeaders
    ) async throws -> AnswerOutcome {
        var headers = ForwardedHeaders.toClient(answer.headers)
        for coding in answer.headers["content-encoding"] {
            headers.add(name: "content-encoding", value: coding)
        }
        headers.add(contentsOf: own)
        let times = AnswerTimes(since: .now)
        try await writer.head(status: answer.status, headers: headers)
        while let chunk = try await answer.nextChunk() { try await writer.write(chunk) }
        try await writer.finish()
        return AnswerOutcome(status: answer.status, times: times)
    }
}
