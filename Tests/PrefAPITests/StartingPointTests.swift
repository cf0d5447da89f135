import PrefLearning
import PrefModel
import Testing

@testable import PrefAPI

@Suite("Where new users start")
struct StartingPointTests {
    private let short = "Poach it for three minutes."
    private let long = String(
        repeating:
            "There are many things to consider here, and each of them matters a great deal. ",
        count: 12
    )

    private func person(_ number: Int) -> Principal { .user(uid: UInt32(2_000 + number)) }

    /// People who like the long answer, and let themselves be counted.
    private func gather(_ count: Int, _ prefd: Fixture, granting scopes: [String]) async {
        for number in 0..<count {
            for scope in scopes {
                _ = await prefd.call(
                    "PUT",
                    "/prefd/v1/consent/" + scope,
                    #"{"granted":true}"#,
                    as: person(number)
                )
            }
            for _ in 0..<5 {
                let answer = await prefd.call(
                    "POST",
                    "/prefd/v1/signals",
                    #"{"kind":"choice","chosen":"\#(long)","rejected":["\#(short)"]}"#,
                    as: person(number)
                )
                #expect(answer.status == 200)
            }
        }
    }

    /// The utility of the long answer over the short one for someone unknown.
    private func leaning(_ prefd: Fixture) async -> Double {
        let belief = await prefd.tastes.belief(of: Fixture.bob)
        let difference = zip(
            AnswerVector(AnswerFeatures.measure(long, language: nil)).values,
            AnswerVector(AnswerFeatures.measure(short, language: nil)).values
        ).map { $0 - $1 }
        return zip(belief.mean(), difference).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test("those who grant population move it, and it goes back when one of them leaves")
    func moved() async throws {
        try await Fixture.run { prefd in
            let before = await leaning(prefd)
            await gather(24, prefd, granting: ["signals.explicit", "population"])
            try await prefd.start.refresh()
            #expect(prefd.start.users == 24)
            let after = await leaning(prefd)
            #expect(after > before + 0.2)

            // The same signals give the same start.
            prefd.start.drop()
            #expect(await leaning(prefd) == before)
            try await prefd.start.refresh()
            #expect(abs(await leaning(prefd) - after) < 1e-3)

            for leave in ["/prefd/v1/consent/population", "/prefd/v1/consent/signals.explicit"] {
                _ = await prefd.call("DELETE", leave, as: person(leave.count % 20))
                #expect(prefd.start.users == 0)
                #expect(await leaning(prefd) == before)
                try await prefd.start.refresh()
                #expect(await leaning(prefd) > before + 0.2)
            }
            #expect(prefd.start.users == 22)
            _ = await prefd.call("DELETE", "/prefd/v1/me", as: person(0))
            #expect(await leaning(prefd) == before)
        }
    }

    @Test("nobody counts without the scope, and few do not either")
    func unmoved() async throws {
        try await Fixture.run { prefd in
            let before = await leaning(prefd)
            await gather(21, prefd, granting: ["signals.explicit"])
            try await prefd.start.refresh()
            #expect(prefd.start.users == 0)
            await gather(3, prefd, granting: ["population"])
            prefd.start.drop()
            try await prefd.start.refresh()
            #expect(prefd.start.users == 0)
            #expect(await leaning(prefd) == before)
        }
    }
}
