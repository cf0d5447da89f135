import FoundationEssentials
import PrefLearning
import PrefModel
import PrefStore
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
            let leaning = await prefd.tastes.leaning(on: format, of: Fixture.alice)
            #expect(!once.isEmpty)
            prefd.tastes.forgetAll()
            let again = await prefd.tastes.preferences(of: Fixture.alice)
            #expect(again.map(\.key) == once.map(\.key))
            #expect(again.map(\.value) == once.map(\.value))
            for (one, other) in zip(once, again) {
                #expect(abs(one.probability - other.probability) < 1e-6)
            }
            let leaningAgain = await prefd.tastes.leaning(on: format, of: Fixture.alice)
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
            let profile = try await store.profile(of: Fixture.alice)
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

@Suite("Questions over the API")
struct ElicitCallTests {
    private let path = "/prefd/v1/elicit"

    private func answer(_ id: String, _ choice: String, _ prefd: Fixture) async -> Answer {
        await prefd.call("POST", path, #"{"question":"\#(id)","choice":"\#(choice)"}"#)
    }

    @Test("asking keeps nothing, and answering needs the consent")
    func consent() async throws {
        try await Fixture.run { prefd in
            let asked = await prefd.call("GET", path)
            #expect(asked.status == 200)
            #expect(asked.json["consented"]?.bool == false)
            let id = try #require(asked.json["question"]?["id"]?.string)
            let refused = await answer(id, "first", prefd)
            #expect(refused.status == 403)
            #expect(refused.code == "consent_required")
            #expect(refused.json["error"]?["scope"]?.string == "signals.explicit")
            #expect(try await prefd.store.users().isEmpty)
        }
    }

    @Test("each question is asked once; they teach, and end when nothing is worth asking")
    func toTheEnd() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call(
                "PUT",
                "/prefd/v1/consent/signals.explicit",
                #"{"granted":true}"#
            )
            var state = await prefd.call("GET", path)
            var asked: [String] = []
            while let question = state.json["question"], let id = question["id"]?.string {
                asked.append(id)
                guard asked.count < 100 else { break }
                let (first, second) = (question["first"]?.string, question["second"]?.string)
                let isShorter = try #require(first).count < (try #require(second)).count
                state = await answer(id, isShorter ? "first" : "second", prefd)
                #expect(state.status == 200)
                #expect(state.json["answered"]?.number == Double(asked.count))
            }
            #expect(Set(asked).count == asked.count)
            #expect(asked.count >= 10)
            #expect(state.json["question"] == .null)
            let learned = state.json["learned"]
            #expect(learned?.count ?? 0 > 0)
            // What was answered is known again from the store alone.
            prefd.tastes.forgetAll()
            #expect(await prefd.call("GET", path).json["question"] == .null)
        }
    }

    @Test(
        "a skipped question is not kept and not asked again; settled dimensions are not asked about"
    )
    func skipped() async throws {
        try await Fixture.run { prefd in
            let first = await prefd.call("GET", path)
            let id = try #require(first.json["question"]?["id"]?.string)
            let next = await answer(id, "skip", prefd)
            #expect(next.status == 200)
            #expect(next.json["question"]?["id"]?.string != id)
            #expect(try await prefd.store.users().isEmpty)
            let dimension = try #require(next.json["question"]?["dimensions"]?[0]?.string)
            let value = Vocabulary.standard.dimension(DimensionID(rawValue: dimension))?
                .allowedValues.first
            _ = await prefd.call(
                "PUT",
                "/prefd/v1/preferences/\(dimension)",
                #"{"value":"\#(try #require(value))"}"#
            )
            let after = await prefd.call("GET", path)
            #expect(after.json["question"]?["id"]?.string != next.json["question"]?["id"]?.string)
        }
    }

    @Test(
        "answers that are none are refused",
        arguments: [
            #"{"question":"no-such","choice":"first"}"#, #"{"choice":"first"}"#, #"{}"#, "[]", "",
            #"{"question":"length-egg","choice":"third"}"#,
            #"{"question":"length-egg","choice":"first","more":1}"#,
        ]
    )
    func refused(body: String) async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call("POST", path, body)
            #expect([400, 422].contains(answer.status))
            #expect(answer.hint?.isEmpty == false || answer.message?.isEmpty == false)
        }
    }
}

@Suite("Experiments and statistics over the API")
struct ExperimentCallTests {
    private let short = "Poach it for three minutes."
    private let long = String(
        repeating: "There are many things to consider here, as always. ",
        count: 20
    )

    private func grant(_ prefd: Fixture, _ scopes: [String], as principal: Principal) async {
        for scope in scopes {
            _ = await prefd.call(
                "PUT",
                "/prefd/v1/consent/" + scope,
                #"{"granted":true}"#,
                as: principal
            )
        }
    }

    private func choose(
        _ chosen: String,
        over rejected: String,
        _ prefd: Fixture,
        as principal: Principal
    ) async {
        for _ in 0..<10 {
            let body = #"{"kind":"choice","chosen":"\#(chosen)","rejected":["\#(rejected)"]}"#
            _ = await prefd.call("POST", "/prefd/v1/signals", body, as: principal)
        }
    }

    /// Rates answers, each with the directive or without it.
    private func rate(_ prefd: Fixture, with: Int, without: Int) async {
        let key = PreferenceKey(dimension: DimensionID(rawValue: "verbosity"))
        for number in 0..<24 {
            let isKept = number % 2 == 0
            let id = "req-\(number)"
            prefd.history.keep(
                .sample(
                    id: id,
                    experiments: [
                        ExperimentArm(key: key, value: "concise", isKept: isKept, propensity: 0.5)
                    ]
                ),
                of: Fixture.alice
            )
            let stars = (isKept ? with : without) + (number % 3 == 0 ? 1 : 0)
            let body = #"{"request_id":"\#(id)","kind":"rating","value":\#(stars)}"#
            let answer = await prefd.call("POST", "/prefd/v1/signals", body)
            #expect(answer.status == 200)
        }
    }

    @Test("the effect of a directive is estimated and shown, and one that harms is dropped")
    func effect() async throws {
        for isHarmful in [false, true] {
            try await Fixture.run { prefd in
                await grant(prefd, ["signals.explicit", "experiments"], as: Fixture.alice)
                await choose(short, over: long, prefd, as: Fixture.alice)
                await rate(prefd, with: isHarmful ? 1 : 4, without: isHarmful ? 4 : 1)
                let why = await prefd.call("GET", "/prefd/v1/preferences/verbosity/why")
                let effect = try #require(why.json["learned"]?["effect"])
                let estimate = try #require(effect["estimate"]?.number)
                #expect(isHarmful ? estimate < -0.4 : estimate > 0.4)
                #expect(effect["kept"]?.number == 12)
                #expect(effect["withheld"]?.number == 12)
                let list = await prefd.call("GET", "/prefd/v1/preferences").json["preferences"]
                #expect(list?.count == (isHarmful ? 0 : 1))
            }
        }
    }

    @Test("withdrawing experiments leaves the signals, and takes out what they were part of")
    func withdrawn() async throws {
        try await Fixture.run { prefd in
            await grant(prefd, ["signals.explicit", "experiments"], as: Fixture.alice)
            await rate(prefd, with: 4, without: 1)
            let before = try await prefd.store.signals(of: Fixture.alice)
            #expect(before.allSatisfy { $0.experiments?.count == 1 })
            _ = await prefd.call("DELETE", "/prefd/v1/consent/experiments")
            let after = try await prefd.store.signals(of: Fixture.alice)
            #expect(after.count == before.count)
            #expect(after.allSatisfy { $0.experiments == nil })
            await rate(prefd, with: 4, without: 1)
            let later = try await prefd.store.signals(of: Fixture.alice)
            #expect(later.allSatisfy { $0.experiments == nil })
        }
    }

    @Test("withdrawing experiments forgets what they had shown")
    func forgotten() async throws {
        try await Fixture.run { prefd in
            let why = "/prefd/v1/preferences/verbosity/why"
            await grant(prefd, ["signals.explicit", "experiments"], as: Fixture.alice)
            await choose(short, over: long, prefd, as: Fixture.alice)
            await rate(prefd, with: 4, without: 1)
            #expect(await prefd.call("GET", why).json["learned"]?["effect"]?["kept"]?.number == 12)
            _ = await prefd.call("DELETE", "/prefd/v1/consent/experiments")
            #expect(await prefd.call("GET", why).json["learned"]?["effect"]?["kept"] == nil)
            await rate(prefd, with: 4, without: 1)
            let after = await prefd.call("GET", why).json["learned"]
            #expect(after != nil)
            #expect(after?["effect"]?["kept"] == nil)
        }
    }

    @Test("a release counts who agreed, costs budget, and is refused when none is left")
    func population() async throws {
        try await Fixture.run { prefd in
            let path = "/prefd/v1/admin/population"
            for uid in 2_000..<2_040 as Range<UInt32> {
                let one = Principal.user(uid: uid)
                await grant(prefd, ["signals.explicit", "population"], as: one)
                await choose(short, over: long, prefd, as: one)
            }
            let before = await prefd.adminCall("GET", path)
            #expect(before.json["released_at"] == .null)
            #expect(before.json["budget"]?["spent"]?.number == 0)
            let released = await prefd.adminCall("POST", path)
            #expect(released.status == 200)
            #expect(released.json["budget"]?["spent"]?.number == 4)
            let dimensions = try #require(released.json["dimensions"])
            #expect(dimensions.count == 12)
            #expect(
                released.json["dimensions"]
                    == (await prefd.adminCall("GET", path)).json["dimensions"]
            )
            #expect(await prefd.adminCall("POST", path).status == 200)
            let refused = await prefd.adminCall("POST", path)
            #expect(refused.status == 409)
            #expect(refused.code == "budget_exhausted")
            #expect(await prefd.adminCall("GET", path).json["budget"]?["spent"]?.number == 8)
            #expect(await prefd.adminCall("POST", path, isAdmin: false).status == 404)
        }
    }

    @Test("answers come in the order that a user would like, those without text last")
    func ranked() async throws {
        try await Fixture.run { prefd in
            await grant(prefd, ["signals.explicit"], as: Fixture.alice)
            let answers = ["", long, short].map { AnswerFeatures.measure($0) }
            let context = RequestContext(app: "cli")
            #expect(await prefd.tastes.order(answers, of: Fixture.alice, in: context) == nil)
            await choose(short, over: long, prefd, as: Fixture.alice)
            let ranked = await prefd.tastes.order(answers, of: Fixture.alice, in: context)
            #expect(ranked?.map(\.index) == [2, 1, 0])
        }
    }
}
