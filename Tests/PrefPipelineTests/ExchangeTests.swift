import FoundationEssentials
import NIOCore
import NIOHTTP1
import PrefModel
import PrefRules
import PrefTopics
import Testing

@testable import PrefPipeline

private let topics = Result { try TopicSet.builtIn() }

/// A pipeline over ports held in memory.
private struct Bench {
    var profiles = FixedPreferences()
    var upstream = PlayedUpstream(
        headers: ["content-type": "application/json"],
        pieces: [ByteBuffer(string: #"{"choices":[]}"#)]
    )
    var limit = 8
    let log = RequestLog()
    let events = CollectedEvents()
    let inFlight = InFlight()

    func ask(
        _ path: String = "/v1/chat/completions",
        method: String = "POST",
        body: String = #"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#,
        headers: HTTPHeaders = [:],
        from peer: Peer = Peer(uid: 1000, app: "test")
    ) async throws -> CollectedAnswer {
        let settings = PipelineSettings(
            composer: ComposerSettings(),
            backends: [
                Backend(name: "b", authority: "b", families: [.openai], models: [ModelGlob("m*")])
            ],
            rules: try RuleSet(packs: []),
            topics: try topics.get(),
            requestsPerUser: limit
        )
        let pipeline = Pipeline(
            settings: { settings },
            profiles: profiles,
            upstream: upstream,
            events: events,
            log: log,
            inFlight: inFlight,
            counters: PipelineCounters()
        )
        let answer = CollectedAnswer()
        try await pipeline.serve(
            IncomingRequest(
                method: method,
                path: path,
                target: path,
                headers: headers,
                body: ByteBuffer(string: body)
            ),
            from: peer,
            recalling: TopicMemory(),
            into: answer
        )
        return answer
    }
}

private func casual(_ extra: [Preference] = []) -> FixedPreferences {
    let now = Date(timeIntervalSince1970: 1_800_000_000)
    let tone = Preference(
        key: PreferenceKey(dimension: DimensionID(rawValue: "tone")),
        value: "casual",
        source: .explicit,
        setAt: now,
        confirmedAt: now
    )
    return FixedPreferences(profile: Profile(preferences: [tone] + extra, granted: [.preferences]))
}

private struct OpenAIError: Decodable {
    struct Detail: Decodable {
        let message: String
        let type: String
        let param: String?
        let code: String
    }
    let error: Detail
}

private func error(in answer: CollectedAnswer) throws -> OpenAIError.Detail {
    try JSONDecoder().decode(OpenAIError.self, from: Data(answer.text.utf8)).error
}

@Suite("An exchange")
struct ExchangeTests {
    @Test("says on every answer what it did")
    func headers() async throws {
        let answer = try await Bench(profiles: casual()).ask().now
        #expect(answer.headers["x-prefd-tier"] == ["personalizable"])
        #expect(answer.headers["x-prefd-applied"] == ["1"])
        #expect(answer.headers.first(name: "x-prefd-request-id")?.hasPrefix("req-") == true)
    }

    @Test(
        "says which tier the topic has, and explains it without any of the text",
        arguments: [
            ("Who should I vote for?", Tier.safeguarded, "politics"),
            ("Je veux mourir", .universal, "self-harm"),
            ("How do I bake bread?", .personalizable, nil),
        ] as [(String, Tier, String?)]
    )
    func tiers(text: String, tier: Tier, topic: String?) async throws {
        let bench = Bench(profiles: casual())
        let body = #"{"model":"m","messages":[{"role":"user","content":""# + text + #""}]}"#
        let answer = try await bench.ask(body: body).now
        #expect(answer.headers["x-prefd-tier"] == [tier.rawValue])
        let explained = try #require(bench.log.explanations(of: .user(uid: 1000)).last)
        #expect(explained.tier == tier)
        #expect(explained.topics.first?.topic == topic)
        #expect(explained.context.topic == topic)
        let json = String(decoding: try PrefJSON.encode(explained), as: UTF8.self)
        for word in text.split(separator: " ") where word.count > 4 {
            #expect(!json.contains(word), "\(word)")
        }
    }

    @Test("looks at both ends of a long message, and never cuts a character or an escape in two")
    func longMessages() async throws {
        let question = "Who should I vote for?"
        for filler in ["word ", "字", #"\u00e9"#, #"\\"#, "é", "a"] {
            let padding = String(repeating: filler, count: 9000)
            for text in [question + " " + padding, padding + " " + question] {
                let body = #"{"model":"m","messages":[{"role":"user","content":""# + text + #""}]}"#
                let answer = try await Bench().ask(body: body).now
                #expect(answer.status == 200)
                #expect(answer.headers["x-prefd-tier"] == ["safeguarded"], "\(filler)")
            }
        }
    }

    @Test(
        "refuses endpoints whose output no rule watches",
        arguments: [
            "/v1/audio/speech", "/v1/images/generations", "/v1/realtime", "/",
            "/v1/chat/completions/x",
        ]
    )
    func unknownEndpoint(path: String) async throws {
        let bench = Bench()
        let answer = try await bench.ask(path)
        #expect(answer.now.status == 404)
        #expect(try error(in: answer).code == "unknown_endpoint")
        #expect(bench.upstream.received.isEmpty)
    }

    @Test("names the parameter of a malformed request, and forwards nothing")
    func malformed() async throws {
        let bench = Bench()
        let answer = try await bench.ask(body: #"{"messages":"hi"}"#)
        #expect(answer.now.status == 400)
        #expect(try error(in: answer).param == "messages")
        #expect(bench.upstream.received.isEmpty)
    }

    @Test("refuses a value that a header of prefd's own does not take")
    func badHeader() async throws {
        let answer = try await Bench().ask(headers: ["X-Prefd-Mode": "of"])
        #expect(answer.now.status == 400)
        #expect(try error(in: answer).message.contains("on, off, preview"))
    }

    @Test("lets no ordinary app speak for another user")
    func userNotAllowed() async throws {
        let bench = Bench()
        let answer = try await bench.ask(headers: ["X-Prefd-User": "alice"])
        #expect(answer.now.status == 403)
        #expect(try error(in: answer).code == "user_not_allowed")
        #expect(bench.upstream.received.isEmpty)
        #expect(bench.events.all.map(\.kind) == [.identityRefused])
    }

    @Test("takes a delegating app's user from where its config says, in order")
    func delegation() throws {
        let peer = Peer(uid: 995, app: "webchat", delegation: [.header])
        #expect(
            try peer.principal(["X-Prefd-User": "alice"]) == .endUser(app: "webchat", id: "alice")
        )
        #expect(try peer.principal([:]) == .user(uid: 995))
        #expect(throws: Refusal.self) {
            try peer.principal(["X-Prefd-User": "alice", "x-prefd-user": "bob"])
        }
        #expect(throws: Refusal.self) {
            try peer.principal(["X-Prefd-User": String(repeating: "x", count: 300)])
        }
    }

    @Test("never reads identity from the body of an app that may not delegate")
    func identityFromBody() async throws {
        let bench = Bench()
        let answer = try await bench.ask(
            body:
                #"{"model":"m","user":"uid:0","safety_identifier":"x","messages":[{"role":"user","content":"Hi"}]}"#
        )
        let id = try #require(answer.now.headers.first(name: "x-prefd-request-id"))
        #expect(bench.log.explanation(id: id, of: .user(uid: 1000)) != nil)
        #expect(bench.log.explanation(id: id, of: .user(uid: 0)) == nil)
    }

    @Test("answers without preferences when the store is broken")
    func brokenStore() async throws {
        var profiles = casual()
        profiles.fails = true
        let bench = Bench(profiles: profiles)
        let answer = try await bench.ask()
        #expect(answer.now.status == 200)
        #expect(answer.now.headers["x-prefd-applied"] == ["0"])
        #expect(bench.events.all.contains { $0.kind == .storeUnavailable })
    }

    @Test("shows what would have been sent, without calling the backend")
    func preview() async throws {
        struct Shown: Decodable {
            struct Body: Decodable { let model: String }
            let block: String
            let applied: Int
            let body: Body
        }
        let bench = Bench(profiles: casual())
        let answer = try await bench.ask(headers: ["X-Prefd-Mode": "preview"])
        let shown = try JSONDecoder().decode(Shown.self, from: Data(answer.text.utf8))
        #expect(shown.block.contains("casual") && shown.applied == 1 && shown.body.model == "m")
        #expect(bench.upstream.received.isEmpty)
    }

    @Test("routes a model that no backend serves to a clear error")
    func noBackend() async throws {
        let answer = try await Bench().ask(
            body: #"{"model":"x","messages":[{"role":"user","content":"Hi"}]}"#
        )
        #expect(answer.now.status == 404)
        #expect(try error(in: answer).code == "model_not_found")
    }

    @Test("keeps one user's flood to themselves")
    func flood() async throws {
        let bench = Bench(limit: 0)
        let answer = try await bench.ask()
        #expect(answer.now.status == 429)
        #expect(bench.inFlight.total == 0)
    }

    @Test("breaks a stream off with an error when its backend dies, and never ends it cleanly")
    func diesMidStream() async throws {
        let upstream = PlayedUpstream(
            headers: ["content-type": "text/event-stream"],
            pieces: [
                ByteBuffer(
                    string: "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
                )
            ],
            failure: .broken("it closed the connection in the middle of its answer")
        )
        let bench = Bench(upstream: upstream)
        let answer = try await bench.ask()
        #expect(answer.now.isAborted && !answer.now.isFinished)
        #expect(answer.text.contains("\"error\"") && !answer.text.contains("[DONE]"))
        #expect(bench.events.all.contains { $0.kind == .backendFailed })
    }

    @Test(
        "shows nothing of an answer that cannot be checked",
        arguments: [
            (
                HTTPHeaders([("content-type", "application/json"), ("content-encoding", "gzip")]),
                "{}"
            ),
            (HTTPHeaders([("content-type", "text/html")]), "<p>SECRET</p>"),
            (HTTPHeaders([("content-type", "application/json")]), "{\"SECRET\":"),
            (
                HTTPHeaders([("content-type", "application/json")]),
                #"{"choices":[],"choices":["SECRET"]}"#
            ),
        ]
    )
    func uncheckable(headers: HTTPHeaders, body: String) async throws {
        let upstream = PlayedUpstream(headers: headers, pieces: [ByteBuffer(string: body)])
        let answer = try await Bench(upstream: upstream).ask()
        #expect(answer.now.status == 502)
        #expect(!answer.text.contains("SECRET"))
    }

    @Test("passes endpoints without model text through untouched")
    func passThrough() async throws {
        let body = #"{ "model" : "m-embed", "input":"x" }"#
        let bench = Bench(profiles: casual())
        let answer = try await bench.ask("/v1/embeddings", body: body)
        #expect(answer.text == #"{"choices":[]}"#)
        #expect(bench.upstream.received.map { String(buffer: $0.body) } == [body])
    }

    @Test("journals no text, no preference and no user id")
    func privateEvents() async throws {
        let bench = Bench(profiles: casual())
        _ = try await bench.ask(
            body: #"{"model":"m","messages":[{"role":"user","content":"canary-text"}]}"#,
            headers: ["X-Prefd-User": "canary-user"],
            from: Peer(uid: 7, app: "web", delegation: [.header])
        )
        let written = bench.events.all.flatMap { $0.fields.map(\.value) }.joined(separator: "\n")
        #expect(!written.contains("canary") && !written.contains("casual"))
        #expect(written.contains("p-test"))
    }
}

@Suite("The request log")
struct RequestLogTests {
    private func explanation(_ id: String) -> Explanation {
        Explanation(
            id: id,
            at: Date(timeIntervalSince1970: 0),
            endpoint: "/",
            model: nil,
            backend: nil,
            context: RequestContext(app: "a"),
            tier: .personalizable,
            mode: .on,
            block: nil,
            injected: [],
            withheld: []
        )
    }

    @Test("remembers a bounded number of requests a principal, and forgets on request")
    func bounded() {
        let log = RequestLog(perPrincipal: 2, principals: 2)
        for id in ["1", "2", "3"] { log.remember(explanation(id), of: .user(uid: 1)) }
        #expect(log.explanations(of: .user(uid: 1)).map(\.id) == ["2", "3"])
        #expect(log.explanation(id: "1", of: .user(uid: 1)) == nil)
        log.remember(explanation("9"), of: .user(uid: 2))
        log.forget(.user(uid: 1))
        #expect(log.explanation(id: "3", of: .user(uid: 1)) == nil)
        #expect(log.explanation(id: "9", of: .user(uid: 2)) != nil)
        #expect(log.explanation(id: "9", of: .user(uid: 1)) == nil)
    }
}
