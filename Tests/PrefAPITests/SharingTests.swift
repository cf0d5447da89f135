import FoundationEssentials
import PrefControl
import PrefLearning
import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

@Suite("What one app's signals and preferences do in others")
struct SharingTests {
    private let short = "Poach it for three minutes."
    private let long = String(
        repeating: "There are many things to consider here, as always. ",
        count: 20
    )

    private let bullets = "- Simmer the water\\n- Add the egg\\n- Wait for three minutes"
    private let prose = "Simmer the water, add the egg and wait for three minutes."

    private func choose(
        _ chosen: String,
        over rejected: String,
        _ prefd: Fixture,
        from app: String,
        times: Int = 10,
        context: String = ""
    ) async {
        for _ in 0..<times {
            let body =
                #"{"kind":"choice","chosen":"\#(chosen)","rejected":["\#(rejected)"]\#(context)}"#
            let answer = await prefd.call("POST", "/prefd/v1/signals", body, from: app)
            #expect(answer.status == 200)
        }
    }

    private func consent(_ prefd: Fixture, _ scope: String) async {
        let answer = await prefd.call("PUT", "/prefd/v1/consent/" + scope, #"{"granted":true}"#)
        #expect(answer.status == 200)
    }

    private func withdraw(_ prefd: Fixture, _ scope: String) async {
        #expect(await prefd.call("DELETE", "/prefd/v1/consent/" + scope).status == 200)
    }

    private func store(_ prefd: Fixture) -> LearningStore {
        LearningStore(prefd.store, tastes: prefd.tastes)
    }

    /// What answers in an app are written under.
    private func used(_ prefd: Fixture, in app: String) async -> [String] {
        // However long the reading takes.
        _ = await prefd.tastes.preferences(of: Fixture.alice)
        let profile = try? await store(prefd).profile(of: Fixture.alice, in: app)
        return profile.map { $0.preferences.map(\.value) } ?? ["(not read)"]
    }

    @Test("what is learned through one app shapes that app's answers only")
    func apart() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            await choose(short, over: long, prefd, from: "one")
            #expect(await used(prefd, in: "one") == ["concise"])
            #expect(await used(prefd, in: "two") == [])
            let answers = [long, short].map { AnswerFeatures.measure($0) }
            let two = RequestContext(app: "two")
            #expect(await prefd.tastes.order(answers, of: Fixture.alice, in: two) == nil)
            // Whoever reports it: it is of the app that it names.
            await choose(
                long,
                over: short,
                prefd,
                from: "one",
                times: 30,
                context: #","context":{"app":"three"}"#
            )
            #expect(await used(prefd, in: "one") == ["concise"])
            let three = await prefd.tastes.leanings(
                on: DimensionID(rawValue: "verbosity"),
                of: Fixture.alice,
                in: "three"
            ).here
            #expect(["detailed", "exhaustive"].contains(three?.value))
            #expect(await used(prefd, in: "two") == [])
        }
    }

    @Test("sharing takes effect at once, either way, and replay gives the same")
    func shared() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            await choose(short, over: long, prefd, from: "one")
            #expect(await used(prefd, in: "two") == [])
            await consent(prefd, "share:one")
            #expect(await used(prefd, in: "two") == ["concise"])
            #expect(await used(prefd, in: "one") == ["concise"])
            // What comes in from now on counts there at once, too.
            await choose(bullets, over: prose, prefd, from: "one", times: 30)
            let grown = await used(prefd, in: "two")
            #expect(grown.contains("bullets"))
            // The other app is not shared: what it teaches stays there.
            await choose(long, over: short, prefd, from: "two", times: 40)
            #expect(await !used(prefd, in: "two").contains("concise"))
            #expect(await used(prefd, in: "one") == grown)
            let once = await prefd.tastes.preferences(of: Fixture.alice)
            prefd.tastes.forgetAll()
            let again = await prefd.tastes.preferences(of: Fixture.alice)
            #expect(again.map(\.key) == once.map(\.key))
            #expect(again.map(\.value) == once.map(\.value))
            for (one, other) in zip(once, again) {
                #expect(abs(one.probability - other.probability) < 1e-6)
            }
            await withdraw(prefd, "share:one")
            #expect(await used(prefd, in: "one") == grown)
            #expect(await used(prefd, in: "three") == [])
            #expect(await !used(prefd, in: "two").contains("bullets"))
            // The signals are still there: they were not gathered under this scope.
            let kept = try await prefd.store.signals(of: Fixture.alice)
            #expect(kept.count == 80)
        }
    }

    @Test("an answer to one of prefd's own questions counts in every app")
    func questions() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            var asked = await prefd.call("GET", "/prefd/v1/elicit", from: "one").json
            while case .object? = asked["question"] {
                let question = asked["question"]
                let first = question?["first"]?.string ?? ""
                let second = question?["second"]?.string ?? ""
                let choice = first.count < second.count ? "first" : "second"
                let id = question?["id"]?.string ?? ""
                let body = #"{"question":"\#(id)","choice":"\#(choice)"}"#
                asked = await prefd.call("POST", "/prefd/v1/elicit", body, from: "one").json
            }
            let one = await used(prefd, in: "one")
            #expect(one.contains("concise") || one.contains("terse"))
            #expect(await used(prefd, in: "two") == one)
            // An app's own signals stand beside them there, and not elsewhere.
            await choose(long, over: short, prefd, from: "two", times: 60)
            #expect(await used(prefd, in: "two") != one)
            #expect(await used(prefd, in: "one") == one)
        }
    }

    @Test("why, effects, the list and the export say in which app it counts")
    func told() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            await choose(short, over: long, prefd, from: "one")
            let why = "/prefd/v1/preferences/verbosity/why"
            let here = await prefd.call("GET", why, from: "one").json
            #expect(here["value"]?.string == "concise")
            #expect(here["learned"]?["context"]?["app"]?.string == "one")
            #expect(here["elsewhere"]?.count == 0)
            let said = here["evidence"]?[0]?["explanation"]?.string
            #expect(said?.contains("in that app alone, unless you grant share:one") == true)
            let there = await prefd.call("GET", why, from: "two").json
            #expect(there["value"] == .null)
            #expect(there["learned"] == .null)
            #expect(there["elsewhere"]?[0]?["context"]?["app"]?.string == "one")
            let asked = await prefd.call("GET", why + "?app=one", from: "two").json
            #expect(asked["value"]?.string == "concise")
            let list = await prefd.call("GET", "/prefd/v1/preferences", from: "two").json
            #expect(list["preferences"]?[0]?["context"]?["app"]?.string == "one")
            let export = await prefd.call("GET", "/prefd/v1/export", from: "two").json
            #expect(export["learned"]?[0]?["context"]?["app"]?.string == "one")
            await consent(prefd, "share:one")
            let shared = await prefd.call("GET", why, from: "two").json
            #expect(shared["value"]?.string == "concise")
            #expect(shared["learned"]?["context"]?.keys == [])
            #expect(shared["elsewhere"]?.count == 0)
            #expect(shared["evidence"]?[0]?["explanation"]?.string?.contains("alone") == false)
        }
    }

    @Test("a preference set for an app holds in others where it is shared, and yields to theirs")
    func preferences() async throws {
        try await Fixture.run { prefd in
            let tone = "/prefd/v1/preferences/tone"
            _ = await prefd.call("PUT", tone + "?app=one", #"{"value":"casual"}"#)
            #expect(await used(prefd, in: "one") == ["casual"])
            #expect(await used(prefd, in: "two") == [])
            await consent(prefd, "share:one")
            let profile = try await store(prefd).profile(of: Fixture.alice, in: "two")
            #expect(profile.preferences.map(\.source) == [.shared])
            #expect(profile.preferences.first?.key.context.app == "one")
            let why = await prefd.call("GET", tone + "/why", from: "two").json
            #expect(why["value"]?.string == "casual")
            #expect(why["evidence"]?.count == 1)
            #expect(why["evidence"]?[0]?["source"]?.string == "shared")
            // In its own app, and in the list of all, it is what was set.
            let list = await prefd.call("GET", "/prefd/v1/preferences", from: "two").json
            #expect(list["preferences"]?.count == 1)
            #expect(list["preferences"]?[0]?["source"]?.string == "explicit")
            _ = await prefd.call("PUT", tone, #"{"value":"formal"}"#, from: "two")
            #expect(await prefd.call("GET", tone, from: "two").json["value"]?.string == "formal")
            #expect(await prefd.call("GET", tone, from: "one").json["value"]?.string == "casual")
            _ = await prefd.call("DELETE", tone + "?app=one")
            await withdraw(prefd, "share:one")
            #expect(await used(prefd, in: "two") == ["formal"])
        }
    }

    @Test("signals of more apps than are told apart count where most of them came from")
    func manyApps() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            _ = await prefd.tastes.preferences(of: Fixture.alice)
            for number in 0..<TasteViews.mostApps {
                await choose(short, over: long, prefd, from: "app-\(number)", times: 1)
            }
            await choose(short, over: long, prefd, from: "most")
            #expect(await used(prefd, in: "most") == ["concise"])
        }
    }
}
