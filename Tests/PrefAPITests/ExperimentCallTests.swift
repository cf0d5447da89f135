import FoundationEssentials
import PrefLearning
import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

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
                let profile = try await LearningStore(prefd.store, tastes: prefd.tastes)
                    .profile(of: Fixture.alice, in: "cli")
                #expect(profile.preferences.map(\.value) == (isHarmful ? [] : ["concise"]))
                #expect(profile.dropped.map(\.value) == (isHarmful ? ["concise"] : []))
                let effects = await prefd.call("GET", "/prefd/v1/effects").json
                #expect(effects["granted"] == .bool(true))
                let trial = try #require(effects["trials"]?[0])
                #expect(trial["dimension"]?.string == "verbosity")
                #expect(trial["dropped"] == .bool(isHarmful))
                #expect(trial["effect"]?["estimate"]?.number == estimate)
            }
        }
    }

    @Test("nothing is shown of experiments that the user does not allow, nor of another's")
    func nothingTried() async throws {
        try await Fixture.run { prefd in
            await grant(prefd, ["signals.explicit", "experiments"], as: Fixture.alice)
            await rate(prefd, with: 4, without: 1)
            let other = await prefd.call("GET", "/prefd/v1/effects", as: Fixture.bob).json
            #expect(other["granted"] == .bool(false))
            #expect(other["trials"]?.count == 0)
            _ = await prefd.call("DELETE", "/prefd/v1/consent/experiments")
            let own = await prefd.call("GET", "/prefd/v1/effects").json
            #expect(own["trials"]?.count == 0)
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

    @Test("effects over people are released from the same budget, only of who allows both")
    func pooledEffects() async throws {
        try await Fixture.run { prefd in
            let path = "/prefd/v1/admin/effects"
            await grant(
                prefd,
                ["signals.explicit", "experiments", "population"],
                as: Fixture.alice
            )
            await rate(prefd, with: 4, without: 1)
            let before = await prefd.adminCall("GET", path).json
            #expect(before["released_at"] == .null)
            #expect(before["effects"]?.count == 0)
            let released = await prefd.adminCall("POST", path)
            #expect(released.status == 200)
            #expect(released.json["budget"]?["spent"]?.number == 4)
            #expect(released.json["effects"]?.count == Pole.all.count)
            // One person says nothing through the noise.
            #expect(released.json["effects"]?[0]?["estimate"] == nil)
            let again = await prefd.adminCall("GET", path).json
            #expect(again["effects"] == released.json["effects"])
            #expect(await prefd.adminCall("POST", "/prefd/v1/admin/population").status == 200)
            #expect(
                await prefd.adminCall("GET", path).json["effects"] == released.json["effects"]
            )
            let refused = await prefd.adminCall("POST", path)
            #expect(refused.status == 409)
            #expect(refused.code == "budget_exhausted")
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
