import FoundationEssentials
import NIOCore
import NIOHTTP1
import PrefModel
import PrefRules
import PrefTopics
import TestSupport
import Testing

@testable import PrefPipeline

@Suite("Vectors")
struct VectorTests {
    private static let topics = Result { try TopicSet.builtIn() }

    @Test("hold for every way of cutting the backend's answer", arguments: try Vector.all())
    func vector(_ vector: Vector) async throws {
        let packs = vector.rules.map { [RulePackSource(name: vector.name, text: $0)] } ?? []
        let rules = try RuleSet(packs: packs)
        guard let answer = vector.answer, case .bytes(let text) = answer else {
            try await check(vector, rules, pieces: [])
            return
        }
        let whole = ByteBuffer(string: text)
        try await check(vector, rules, pieces: [whole])
        try await check(
            vector,
            rules,
            pieces: cut(whole, at: Array(1..<max(whole.readableBytes, 1)))
        )
        for position in 1..<max(whole.readableBytes, 1) {
            try await check(vector, rules, pieces: cut(whole, at: [position]))
        }
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20 {
            let cuts = Set(
                (0..<8).map { _ in Int.random(in: 1..<whole.readableBytes, using: &generator) }
            )
            try await check(vector, rules, pieces: cut(whole, at: cuts.sorted()))
        }
    }

    private func cut(_ buffer: ByteBuffer, at positions: [Int]) -> [ByteBuffer] {
        var rest = buffer
        var pieces: [ByteBuffer] = []
        var last = 0
        for position in positions where position > last {
            if let piece = rest.readSlice(length: position - last) { pieces.append(piece) }
            last = position
        }
        return pieces + [rest]
    }

    private func check(_ vector: Vector, _ rules: RuleSet, pieces: [ByteBuffer]) async throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let preferences = vector.preferences.map { name, value in
            let parts = name.split(separator: "@").map(String.init)
            return Preference(
                key: PreferenceKey(
                    dimension: DimensionID(rawValue: parts[0]),
                    context: PreferenceContext(topic: parts.dropFirst().first)
                ),
                value: value,
                source: .explicit,
                setAt: now,
                confirmedAt: now
            )
        }
        let upstream = PlayedUpstream(
            status: vector.status,
            headers: ["content-type": vector.contentType],
            pieces: pieces
        )
        let log = RequestLog()
        let settings = PipelineSettings(
            composer: ComposerSettings(),
            backends: [
                Backend(
                    name: "played",
                    authority: "played",
                    families: Set(APIFamily.allCases),
                    models: [.any]
                )
            ],
            rules: rules,
            topics: try Self.topics.get(),
            requestsPerUser: 8
        )
        let pipeline = Pipeline(
            settings: { settings },
            profiles: FixedPreferences(
                profile: Profile(preferences: preferences, granted: [.preferences])
            ),
            upstream: upstream,
            events: CollectedEvents(),
            log: log,
            inFlight: InFlight(),
            counters: PipelineCounters()
        )
        let client = CollectedAnswer()
        let request = IncomingRequest(
            method: "POST",
            path: vector.path,
            target: vector.path,
            headers: HTTPHeaders(vector.headers),
            body: ByteBuffer(string: vector.request)
        )
        try await pipeline.serve(
            request,
            from: Peer(uid: 1000, app: "test"),
            recalling: TopicMemory(),
            into: client
        )

        let outcome = client.now
        #expect(outcome.status == vector.outputStatus, "\(vector.name)")
        if let tier = vector.tier {
            #expect(outcome.headers["x-prefd-tier"] == [tier], "\(vector.name)")
        }
        #expect(outcome.isAborted == vector.isBroken, "\(vector.name)")
        if let forwarded = vector.forwarded {
            let got = upstream.received.first.map { String(buffer: $0.body) }
            #expect(got == (forwarded == "same" ? vector.request : forwarded), "\(vector.name)")
        }
        if let absent = vector.absent { #expect(!client.text.contains(absent), "\(vector.name)") }
        switch vector.output {
        case .bytes(let expected):
            #expect(client.text == expected, "\(vector.name), \(pieces.count) pieces")
        case .same:
            #expect(.bytes(client.text) == vector.answer, "\(vector.name), \(pieces.count) pieces")
        case nil: break
        }
        let id = try #require(outcome.headers.first(name: "x-prefd-request-id"))
        let explanation = log.explanation(id: id, of: .user(uid: 1000))
        let hits =
            explanation?.rules.map { "\($0.rule) \($0.action) \($0.surface) \($0.choice)" } ?? []
        #expect(hits == vector.hits, "\(vector.name)")
    }
}
