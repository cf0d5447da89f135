import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

@Suite("Signals over the API")
struct SignalCallTests {
    private let path = "/prefd/v1/signals"

    private func consent(_ prefd: Fixture, _ scopes: String...) async {
        for scope in scopes {
            _ = await prefd.call("PUT", "/prefd/v1/consent/" + scope, #"{"granted":true}"#)
        }
    }

    @Test(
        "without its scope a signal is refused, and the scope is named",
        arguments: [
            (#"{"kind":"rating","value":"up"}"#, "signals.explicit"),
            (#"{"kind":"choice","chosen":"a","rejected":["b"]}"#, "signals.explicit"),
            (#"{"kind":"edit","before":"a","after":"b"}"#, "signals.explicit"),
            (#"{"kind":"regenerate"}"#, "signals.implicit"),
            (#"{"kind":"followup","text":"shorter"}"#, "signals.implicit"),
            (#"{"kind":"copy"}"#, "signals.implicit"), (#"{"kind":"abandon"}"#, "signals.implicit"),
        ]
    )
    func consentRequired(body: String, scope: String) async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call("POST", path, body)
            #expect(answer.status == 403)
            #expect(answer.code == "consent_required")
            #expect(answer.json["error"]?["scope"]?.string == scope)
            #expect(answer.message?.contains(scope) == true)
            let users = try await prefd.store.users()
            #expect(users.isEmpty)
            #expect(prefd.events.kinds == [.signalRefused])
        }
    }

    @Test("a rating keeps the request's context and the directives that were in its prompt")
    func rating() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.alice)
            let answer = await prefd.call(
                "POST",
                path,
                #"{"request_id":"req-1","kind":"rating","value":4.5}"#
            )
            #expect(answer.status == 200)
            #expect(answer.json["scope"]?.string == "signals.explicit")
            let signal = try #require(try await prefd.store.signals(of: Fixture.alice).first)
            #expect(signal.id == answer.json["id"]?.string)
            #expect(signal.rating == 4.5)
            #expect(signal.requestID == "req-1")
            #expect(signal.context?.task == .coding)
            #expect(signal.directives.map(\.value) == ["concise"])
            #expect(prefd.events.all.last?.requestID == "req-1")
        }
    }

    @Test(
        "ratings are 1 to 5, up or down",
        arguments: [("1", 1), ("5", 5), ("2.25", 2.25), ("\"up\"", 5), ("\"down\"", 1)]
            as [(String, Double)]
    )
    func ratings(value: String, expected: Double) async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            #expect(
                await prefd.call("POST", path, #"{"kind":"rating","value":\#(value)}"#).status
                    == 200
            )
            let signals = try await prefd.store.signals(of: Fixture.alice)
            #expect(signals.map(\.rating) == [expected])
        }
    }

    @Test(
        "other ratings are 422",
        arguments: ["0", "5.01", "-1", "\"great\"", "\"5\"", "true", "[]"]
    )
    func badRatings(value: String) async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            let answer = await prefd.call("POST", path, #"{"kind":"rating","value":\#(value)}"#)
            #expect(answer.status == 422)
            #expect(answer.code == "bad_value")
        }
    }

    @Test("a choice becomes features, and no text of it is kept without content")
    func choice() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            let answer = await prefd.call(
                "POST",
                path,
                #"{"kind":"choice","chosen":"Yes! CANARY","rejected":["- a\n- b","No?"],"#
                    + #""context":{"task":"qa","language":"en"}}"#
            )
            #expect(answer.status == 200)
            #expect(answer.json["excerpts_kept"]?.bool == false)
            let signal = try #require(try await prefd.store.signals(of: Fixture.alice).first)
            #expect(signal.features.keys.sorted() == ["chosen", "rejected.0", "rejected.1"])
            #expect(signal.features["chosen"]?.values["exclamations"] == 1)
            #expect(signal.features["rejected.0"]?.values["bullets"] == 2)
            #expect(signal.excerpts.isEmpty)
            #expect(signal.context?.task == .qa)
            #expect(signal.context?.language == "en")
            #expect(signal.context?.app == "cli")
            #expect(!prefd.events.text.contains("CANARY"))
        }
    }

    @Test("with content an excerpt is kept, cut to its longest")
    func excerpts() async throws {
        try await Fixture.run(limits: APILimits(excerptCharacters: 4)) { prefd in
            await consent(prefd, "signals.explicit", "content")
            let answer = await prefd.call(
                "POST",
                path,
                #"{"kind":"edit","before":"long text","after":"x"}"#
            )
            #expect(answer.json["excerpts_kept"]?.bool == true)
            let signal = try #require(try await prefd.store.signals(of: Fixture.alice).first)
            #expect(signal.excerpts == ["before": "long", "after": "x"])
        }
    }

    @Test("a request of someone else's, or of nobody's, is 404 and leaves nothing")
    func unknownRequest() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.bob)
            for id in ["req-1", "req-2", ""] {
                let answer = await prefd.call(
                    "POST",
                    path,
                    #"{"request_id":"\#(id)","kind":"rating","value":5}"#
                )
                #expect(answer.status == 404)
                #expect(answer.code == "unknown_request")
            }
            let signals = try await prefd.store.signals(of: Fixture.alice)
            #expect(signals.isEmpty)
        }
    }

    @Test(
        "fields of another kind, or of none, are 400",
        arguments: [
            #"{"kind":"rating"}"#, #"{"kind":"rating","value":5,"chosen":"a"}"#, #"{"value":5}"#,
            #"{"kind":"choice","chosen":"a"}"#, #"{"kind":"choice","rejected":["b"]}"#,
            #"{"kind":"choice","chosen":"a","rejected":[1]}"#, #"{"kind":"edit","before":"a"}"#,
            #"{"kind":"copy","colour":"red"}"#, #"{"kind":5}"#, "[]", "",
        ]
    )
    func malformed(body: String) async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit", "signals.implicit")
            #expect(await prefd.call("POST", path, body).status == 400)
        }
    }

    @Test(
        "what cannot be meant is 422",
        arguments: [
            #"{"kind":"applause"}"#, #"{"kind":"choice","chosen":"a","rejected":[]}"#,
            #"{"kind":"choice","chosen":"a","rejected":["a"]}"#,
            #"{"kind":"edit","before":"a","after":"a"}"#,
            #"{"kind":"copy","context":{"task":"x"}}"#,
        ]
    )
    func badValue(body: String) async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit", "signals.implicit")
            #expect(await prefd.call("POST", path, body).status == 422)
        }
    }

    @Test("texts and bodies have their sizes")
    func sizes() async throws {
        try await Fixture.run(limits: APILimits(bodyBytes: 200, signalTextBytes: 20)) { prefd in
            await consent(prefd, "signals.implicit", "signals.explicit")
            let long = String(repeating: "x", count: 21)
            #expect(
                await prefd.call("POST", path, #"{"kind":"copy","answer":"\#(long)"}"#).status
                    == 422
            )
            let many = Array(repeating: "\"b\"", count: 17).joined(separator: ",")
            let choice = #"{"kind":"choice","chosen":"a","rejected":[\#(many)]}"#
            #expect(await prefd.call("POST", path, choice).status == 422)
            let body = #"{"kind":"copy","answer":"\#(String(repeating: "x", count: 200))"}"#
            let tooLarge = await prefd.call("POST", path, body)
            #expect(tooLarge.status == 413)
            #expect(tooLarge.code == "request_too_large")
        }
    }

    @Test("withdrawing the scope takes its signals")
    func withdrawn() async throws {
        try await Fixture.run { prefd in
            await consent(prefd, "signals.explicit")
            _ = await prefd.call("POST", path, #"{"kind":"rating","value":"up"}"#)
            _ = await prefd.call("DELETE", "/prefd/v1/consent/signals.explicit")
            let signals = try await prefd.store.signals(of: Fixture.alice)
            #expect(signals.isEmpty)
        }
    }
}
