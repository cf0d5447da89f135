import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

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
