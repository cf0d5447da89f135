import FoundationEssentials
import PrefLearning
import PrefModel
import PrefStore
import Synchronization
import Testing

@testable import PrefAPI

@Suite("What signals teach, over the API")
struct LearningTests {
    private struct Broken: Error {}

    private let short = "Poach it for three minutes."
    private let long = String(
        repeating:
            "There are many things to consider here, and each of them matters a great deal. ",
        count: 12
    )

    private func choose(
        _ chosen: String,
        over rejected: String,
        times: Int,
        _ prefd: Fixture,
        context: String = ""
    ) async {
        for _ in 0..<times {
            let answer = await prefd.call(
                "POST",
                "/prefd/v1/signals",
                #"{"kind":"choice","chosen":"\#(chosen)","rejected":["\#(rejected)"]\#(context)}"#
            )
            #expect(answer.status == 200)
        }
    }

    private func consent(_ prefd: Fixture, _ scope: String = "signals.explicit") async {
        _ = await prefd.call("PUT", "/prefd/v1/consent/" + scope, #"{"granted":true}"#)
    }

    private func verbosity(_ prefd: Fixture) async -> String? {
        await prefd.call("GET", "/prefd/v1/preferences/verbosity").json["value"]?.string
    }

    @Test("choices of the shorter answer become a preference, with its evidence")
    func learned() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            await choose(short, over: long, times: 1, prefd)
            #expect(await verbosity(prefd) == nil)
            let early = await prefd.call("GET", "/prefd/v1/preferences/verbosity/why")
            #expect(early.json["learned"]?["value"]?.string == "concise")
            #expect(early.json["evidence"]?.count == 0)

            await choose(short, over: long, times: 9, prefd)
            let list = await prefd.call("GET", "/prefd/v1/preferences")
            let first = try #require(list.json["preferences"]?[0])
            #expect(first["dimension"]?.string == "verbosity")
            #expect(first["source"]?.string == "learned")
            let why = await prefd.call("GET", "/prefd/v1/preferences/verbosity/why")
            let evidence = try #require(why.json["evidence"]?[0])
            #expect(try #require(evidence["confidence"]?.number) >= 0.9)
            #expect(evidence["explanation"]?.string?.contains("choice: 10 for, 0 against") == true)
            #expect(why.json["learned"]?["evidence"]?[0]?["for"]?.number == 10)
            let export = await prefd.call("GET", "/prefd/v1/export")
            #expect(export.json["learned"]?[0]?["dimension"]?.string == "verbosity")
        }
    }

    @Test("what the store keeps gives the same beliefs again as the signals gave one by one")
    func replayed() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            // In memory from here on: the signals are added one by one.
            _ = await verbosity(prefd)
            await choose(short, over: long, times: 7, prefd, context: #","context":{"task":"qa"}"#)
            await choose("- a\\n- b\\n- c", over: short, times: 4, prefd)
            let format = DimensionID(rawValue: "format")
            let once = await prefd.tastes.preferences(of: Fixture.alice)
            let leaning = await prefd.tastes.leanings(on: format, of: Fixture.alice, in: "cli").here
            #expect(!once.isEmpty)
            prefd.tastes.forgetAll()
            let again = await prefd.tastes.preferences(of: Fixture.alice)
            #expect(again.map(\.key) == once.map(\.key))
            #expect(again.map(\.value) == once.map(\.value))
            for (one, other) in zip(once, again) {
                #expect(abs(one.probability - other.probability) < 1e-6)
            }
            let leaningAgain = await prefd.tastes.leanings(
                on: format,
                of: Fixture.alice,
                in: "cli"
            ).here
            #expect(leaning?.evidence == leaningAgain?.evidence)
        }
    }

    @Test(
        "what was set beats what was learned, and a learned preference goes with its signals only"
    )
    func explicitWins() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            await choose(short, over: long, times: 10, prefd)
            let removal = await prefd.call("DELETE", "/prefd/v1/preferences/verbosity")
            #expect(removal.status == 409)
            #expect(removal.code == "learned_preference")
            _ = await prefd.call(
                "PUT",
                "/prefd/v1/preferences/verbosity",
                #"{"value":"exhaustive"}"#
            )
            #expect(await verbosity(prefd) == "exhaustive")
            #expect(
                await prefd.call("GET", "/prefd/v1/preferences").json["preferences"]?.count == 1
            )
            _ = await prefd.call("DELETE", "/prefd/v1/preferences/verbosity")
            #expect(await verbosity(prefd) == "concise")
        }
    }

    @Test("withdrawing the scope, and forgetting, take what was learned with them")
    func dropped() async throws {
        try await Fixture.run { prefd in
            for scope in ["withdraw", "forget", "admin"] {
                await consent(prefd)
                await choose(short, over: long, times: 10, prefd)
                #expect(await verbosity(prefd) == "concise")
                switch scope {
                case "withdraw":
                    _ = await prefd.call("DELETE", "/prefd/v1/consent/signals.explicit")
                case "forget": _ = await prefd.call("DELETE", "/prefd/v1/me")
                default:
                    let name = prefd.store.pseudonym(of: Fixture.alice)
                    let answer = await prefd.adminCall(
                        "DELETE",
                        "/prefd/v1/admin/users/\(name)?reason=they%20asked"
                    )
                    #expect(answer.status == 200)
                }
                #expect(await verbosity(prefd) == nil)
                await consent(prefd)
                #expect(await verbosity(prefd) == nil)
                let why = await prefd.call("GET", "/prefd/v1/preferences/verbosity/why")
                #expect(why.json["learned"] == .null)
            }
        }
    }

    @Test("a learner that cannot read breaks neither profiles nor signals")
    func failsOpen() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value":"casual"}"#)
            let failures = KeptEvents()
            let broken = Tastes(
                signals: { _ in throw Broken() },
                onFailure: { _ in
                    failures.record(
                        Event(.storeUnavailable, priority: .error, message: "not read")
                    )
                }
            )
            let store = LearningStore(prefd.store, tastes: broken)
            let profile = try await store.profile(of: Fixture.alice, in: "cli")
            #expect(profile.preferences.map(\.value) == ["casual"])
            #expect(failures.all.count == 1)
            let signal = Signal(
                id: "s",
                requestID: nil,
                kind: .rating,
                at: Date(),
                rating: 5,
                context: nil,
                directives: []
            )
            try await store.record(signal, of: Fixture.alice)
            #expect(try await prefd.store.signals(of: Fixture.alice).map(\.id) == ["s"])
        }
    }

    @Test(
        "an answer does not wait for the signals to be read, and has what was learned once they are"
    )
    func answersDoNotWait() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value":"casual"}"#)
            await choose(short, over: long, times: 10, prefd)
            let gate = Awaited<Bool>()
            let slow = Tastes(
                patience: .zero,
                signals: { principal in
                    _ = await gate.value()
                    return try await prefd.store.keptSignals(of: principal)
                }
            )
            let store = LearningStore(prefd.store, tastes: slow)
            for _ in 0..<3 {
                let early = try await store.profile(of: Fixture.alice, in: "cli")
                #expect(early.preferences.map(\.value) == ["casual"])
            }
            let context = RequestContext(app: "cli")
            let answers = [long, short].map { AnswerFeatures.measure($0) }
            #expect(await slow.order(answers, of: Fixture.alice, in: context) == nil)
            gate.fulfil(true)
            // Who asks for the preferences themselves waits for all of them.
            let all = try await store.preferences(of: Fixture.alice)
            #expect(Set(all.map(\.value)) == ["casual", "concise"])
            let later = try await store.profile(of: Fixture.alice, in: "cli")
            #expect(Set(later.preferences.map(\.value)) == ["casual", "concise"])
        }
    }

    @Test("one reading serves all who ask meanwhile, and a signal that comes in is in the next")
    func oneReading() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            await choose(short, over: long, times: 10, prefd)
            let gate = Awaited<Bool>()
            let readings = Mutex(0)
            let slow = Tastes(
                signals: { principal in
                    readings.withLock { $0 += 1 }
                    _ = await gate.value()
                    return try await prefd.store.keptSignals(of: principal)
                }
            )
            async let one = slow.preferences(of: Fixture.alice)
            async let two = slow.preferences(of: Fixture.alice)
            while readings.withLock({ $0 }) == 0 { await Task.yield() }
            gate.fulfil(true)
            #expect(await one.map(\.value) == ["concise"])
            #expect(await two.map(\.value) == ["concise"])
            #expect(readings.withLock { $0 } == 1)
            slow.forget(Fixture.alice)
            #expect(await slow.preferences(of: Fixture.alice).map(\.value) == ["concise"])
            #expect(readings.withLock { $0 } == 2)
        }
    }

    @Test("nobody else's signals teach about you")
    func apart() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            await choose(short, over: long, times: 10, prefd)
            let bob = await prefd.call("GET", "/prefd/v1/preferences", as: Fixture.bob)
            #expect(bob.json["preferences"]?.count == 0)
        }
    }

    @Test("a rating by its request's id is of the answer as it was measured")
    func ratedByID() async throws {
        try await Fixture.run { prefd in
            await consent(prefd)
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.alice)
            prefd.history.measure(short, as: "req-1")
            let body = #"{"request_id":"req-1","kind":"rating","value":"up"}"#
            #expect(await prefd.call("POST", "/prefd/v1/signals", body).status == 200)
            let signal = try #require(try await prefd.store.signals(of: Fixture.alice).first)
            #expect(signal.features["answer"]?.values["words"] == 5)
            // With the consent goes what is remembered of answers.
            _ = await prefd.call("DELETE", "/prefd/v1/consent/signals.explicit")
            #expect(prefd.history.answerFeatures(id: "req-1", of: Fixture.alice) == nil)
        }
    }

    @Test("a follow-up is kept as what it asks for")
    func followup() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.implicit")
            for _ in 0..<6 {
                let body = #"{"kind":"followup","text":"shorter, please"}"#
                #expect(await prefd.call("POST", "/prefd/v1/signals", body).status == 200)
            }
            let signal = try #require(try await prefd.store.signals(of: Fixture.alice).first)
            #expect(signal.features.keys.sorted() == [Observation.askedRole])
            let value = await verbosity(prefd)
            #expect(["concise", "terse"].contains(value))
        }
    }
}
