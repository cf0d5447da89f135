public import PrefModel
public import PrefRules
public import PrefTopics

import NIOHTTP1

/// What an admin has settled, as one value that a reload replaces whole.
///
/// A class, since each exchange holds it: one reference to count rather than one for each table.
public final class PipelineSettings: Sendable {
    /// How blocks are composed.
    public let composer: ComposerSettings
    /// The backends, in order of preference.
    public let backends: [Backend]
    /// The rules in force.
    public let rules: RuleSet
    /// What models have said of texts under these rules.
    let verdicts = VerdictCache()
    /// The topics that requests are recognized to be about.
    public let topics: TopicSet
    /// How many requests of one principal may run at once.
    public let requestsPerUser: Int

    /// Makes settings.
    public init(
        composer: ComposerSettings,
        backends: [Backend],
        rules: RuleSet,
        topics: TopicSet = .none,
        requestsPerUser: Int
    ) {
        self.composer = composer
        self.backends = backends
        self.rules = rules
        self.topics = topics
        self.requestsPerUser = requestsPerUser
    }
}

/// The data plane: carries requests of identified peers through the steps, one exchange each.
public final class Pipeline: Sendable {
    let settings: @Sendable () -> PipelineSettings
    let profiles: any ProfileSource
    let signals: (any SignalSink)?
    let ranking: (any AnswerRanking)?
    let upstream: any Upstream
    let events: any EventSink
    let log: RequestLog
    let inFlight: InFlight
    let counters: PipelineCounters

    /// Joins the pipeline to its ports.
    ///
    /// - Parameters:
    ///   - settings: gives the settings in force; asked once at the start of every exchange, so that a
    ///     reload never changes one that is running.
    ///   - profiles: where profiles come from.
    ///   - signals: takes what is noticed in conversations; without it nothing is noticed.
    ///   - ranking: ranks answers for who asks for it; without it they stay as they are.
    ///   - upstream: reaches backends.
    ///   - events: takes what happened.
    ///   - log: remembers what was done with each request.
    ///   - inFlight: counts running requests.
    ///   - counters: counts for the metrics.
    public init(
        settings: @escaping @Sendable () -> PipelineSettings,
        profiles: any ProfileSource,
        signals: (any SignalSink)? = nil,
        ranking: (any AnswerRanking)? = nil,
        upstream: any Upstream,
        events: any EventSink,
        log: RequestLog,
        inFlight: InFlight,
        counters: PipelineCounters
    ) {
        self.settings = settings
        self.profiles = profiles
        self.signals = signals
        self.ranking = ranking
        self.upstream = upstream
        self.events = events
        self.log = log
        self.inFlight = inFlight
        self.counters = counters
    }

    /// Carries one request to its answer.
    ///
    /// Always answers, or breaks the answer off.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - peer: who sent it.
    ///   - memory: the connection's, which makes reading the same messages again cheap.
    ///   - writer: takes the answer.
    /// - Throws: only where the client has gone.
    public func serve(
        _ request: IncomingRequest,
        from peer: Peer,
        recalling memory: TopicMemory,
        into writer: any AnswerWriter
    ) async throws {
        var exchange = Exchange(
            request,
            from: peer,
            recalling: memory,
            into: writer,
            through: self
        )
        try await exchange.run()
    }

    /// Asks models about texts for an admin who tries rules, as an answer's exchange would.
    ///
    /// - Returns: for each question whether its text is to be treated as unsafe, and the rules that
    ///   got no verdict.
    public func judge(
        _ questions: [ClassifierQuestion]
    ) async -> (isUnsafe: [Bool], unchecked: [UncheckedRule]) {
        let settings = settings()
        let judge = AnswerJudge(
            model: ModelVerdict(upstream: upstream, backends: settings.backends) { _, _ in },
            cache: VerdictCache()
        )
        // Only a cancellation throws: nobody is there to read it then.
        let isUnsafe = (try? await judge.verdicts(on: questions)) ?? []
        return (isUnsafe, judge.unchecked)
    }

    /// Answers a request that was refused before it was whole, in its dialect's envelope.
    public func refuse(_ refusal: Refusal, path: String, into writer: any AnswerWriter) async throws
    {
        var headers = ExchangeHeaders.of(
            requestID: RequestID.new(),
            tier: .personalizable,
            applied: 0
        ).json
        if let seconds = refusal.retryAfter {
            headers.add(name: "retry-after", value: String(seconds))
        }
        let body = ErrorEnvelope.body(of: refusal, in: Endpoint.family(of: path))
        counters.count(refused: refusal.code)
        try await writer.whole(status: refusal.status, headers: headers, body: body)
    }
}
