import FoundationEssentials
import PrefControl
import PrefModel
import Testing

@testable import PrefAPI

/// Carries the client's calls straight to the API, without a socket.
private struct DirectExchange: ControlExchange {
    let socket = "in-process"
    let admin: AdminAPI

    func send(_ request: ControlRequest) async throws(ControlFailure) -> ControlResponse {
        let answer = await admin.respond(
            to: APIRequest(
                method: request.method,
                target: request.target,
                headers: request.headers,
                body: request.body ?? [],
                principal: Fixture.alice,
                app: "prefctl",
                isAdmin: true
            )
        )
        return ControlResponse(status: answer.status, headers: answer.headers, body: answer.body)
    }
}

@Suite("The client's calls, answered by the API")
struct RoundTripTests {
    @Test("every answer of the data socket decodes as the client expects it")
    func data() async throws {
        try await Fixture.run { prefd in
            let client = ControlClient(exchange: DirectExchange(admin: prefd.admin))
            let tone = DimensionID(rawValue: "tone")
            let context = PreferenceContext(
                task: .coding,
                app: "a b",
                language: "pt-BR",
                topic: "été & co."
            )
            #expect(try await client.liveness().status == "ok")
            #expect(try await client.readiness().ready)
            #expect(try await client.identity().access == .admin)
            #expect(try await client.dimensions().dimensions == Vocabulary.standard.dimensions)
            let change = try await client.set(tone, to: "casual", in: context)
            #expect(change.preference.context.topic == "été & co.")
            #expect(change.receipt?.scope == .preferences)
            _ = try await client.set(
                PreferenceSettings(preferences: [
                    PreferenceSetting(dimension: tone, value: "formal")
                ])
            )
            #expect(try await client.preferences().preferences.count == 2)
            #expect(
                try await client.preferences(in: context).preferences.map(\.value) == ["casual"]
            )
            #expect(try await client.preference(tone).value == "formal")
            #expect(try await client.why(tone).evidence.count == 2)
            _ = try await client.decide(ConsentDecision(granted: true), on: "signals.explicit")
            _ = try await client.decide(
                ConsentDecisions(consents: [
                    ScopedConsentDecision(scope: "share:a b", granted: true)
                ])
            )
            #expect(try await client.consents().consents.count == ConsentScope.standard.count + 1)
            #expect(
                try await client.decide(ConsentDecision(granted: false), on: "share:a b").granted
                    == false
            )
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.alice)
            #expect(try await client.explanation(of: "last").id == "req-1")
            let report = SignalReport(kind: .rating, requestID: "req-1", value: .down)
            #expect(try await client.record(report).scope == .signalsExplicit)
            #expect(try await client.export().signals.map(\.rating) == [1])
            #expect(try await client.removePreferences(of: tone, in: context).removed == 1)
            #expect(try await client.removePreferences(of: nil).removed == 1)
            #expect(try await client.forgetMe().erased.signals == 1)
        }
    }

    @Test("every answer of the admin socket decodes as the client expects it")
    func admin() async throws {
        try await Fixture.run { prefd in
            let client = ControlClient(exchange: DirectExchange(admin: prefd.admin))
            _ = try await client.set(DimensionID(rawValue: "tone"), to: "casual")
            #expect(try await client.status().rules == 12)
            #expect(try await client.metrics().contains("prefd_requests_total"))
            let user = try #require(try await client.users().users.first)
            #expect(try await client.user(user.pseudonym, reason: "a & b").preferences.count == 1)
            #expect(try await client.rules().rules.count == 1)
            #expect(try await client.lintRules(RuleDirectory()).ok)
            #expect(try await client.testRules(RuleDirectory(directory: "/x")).cases == 2)
            #expect(try await client.tryRules(RuleTrial(text: "hi")).output == "hi")
            #expect(try await client.reloadRules().ok == false)
            #expect(try await client.checkConfig(ConfigCheckRequest()).ok)
            #expect(try await client.reload().ok)
            #expect(try await client.forget(user.pseudonym, reason: "done").erased.preferences == 1)
        }
    }

    @Test("a refusal arrives as the API said it")
    func refusal() async throws {
        try await Fixture.run { prefd in
            let client = ControlClient(exchange: DirectExchange(admin: prefd.admin))
            await #expect {
                try await client.record(SignalReport(kind: .rating, value: .up))
            } throws: { error in
                guard case ControlFailure.refused(403, let refusal) = error else { return false }
                return refusal.scope == .signalsExplicit
            }
        }
    }
}
