import PrefModel
import Testing

@testable import PrefAPI

@Suite("Consent over the API")
struct ConsentCallTests {
    private let path = "/prefd/v1/consent/"

    @Test("nothing is granted until it is granted, and every scope says what it is for")
    func list() async throws {
        try await Fixture.run { prefd in
            let list = await prefd.call("GET", "/prefd/v1/consent")
            #expect(list.status == 200)
            #expect(list.json["consents"]?.count == ConsentScope.standard.count)
            for index in ConsentScope.standard.indices {
                let state = list.json["consents"]?[index]
                #expect(state?["granted"]?.bool == false)
                #expect(state?["purpose"]?.string?.isEmpty == false)
            }
            #expect(await prefd.call("GET", path + "content").json["granted"]?.bool == false)
        }
    }

    @Test("granting answers with a receipt that keeps the retention")
    func grant() async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call(
                "PUT",
                path + "signals.explicit",
                #"{"granted": true, "retention": "90d"}"#,
                headers: [("User-Agent", "prefctl/0.1.0")]
            )
            #expect(answer.status == 200)
            #expect(answer.json["granted"]?.bool == true)
            let receipt = answer.json["receipt"]
            #expect(receipt?["principal"]?.string == "uid:1000")
            #expect(receipt?["scope"]?.string == "signals.explicit")
            #expect(receipt?["retention"]?.string == "90d")
            #expect(receipt?["method"]?.string == "prefctl")
            #expect(receipt?["notice_version"]?.string == ConsentRecord.currentNotice)
            #expect(receipt?["id"]?.string?.isEmpty == false)
            let state = await prefd.call("GET", path + "signals.explicit")
            #expect(state.json["granted"]?.bool == true)
            #expect(state.json["record"]?["id"] == receipt?["id"])
            #expect(prefd.events.kinds == [.consentGranted])
        }
    }

    @Test("a retention that is not given is the configured one")
    func defaults() async throws {
        try await Fixture.run { prefd in
            for (scope, retention) in [("signals.implicit", "365d"), ("content", "30d")] {
                let answer = await prefd.call("PUT", path + scope, #"{"granted":true}"#)
                #expect(answer.json["receipt"]?["retention"]?.string == retention)
                #expect(answer.json["receipt"]?["method"]?.string == "api")
            }
            let other = await prefd.call("PUT", path + "population", #"{"granted":true}"#)
            #expect(other.json["receipt"]?["retention"] == nil)
        }
    }

    @Test("withdrawing answers with a receipt, and takes what the scope had gathered")
    func withdraw() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value":"casual"}"#)
            let withdrawn = await prefd.call("DELETE", path + "preferences")
            #expect(withdrawn.status == 200)
            #expect(withdrawn.json["granted"]?.bool == false)
            #expect(withdrawn.json["receipt"]?["withdrawn_at"]?.string != nil)
            #expect(
                await prefd.call("GET", "/prefd/v1/preferences").json["preferences"]?.count == 0
            )
            let again = await prefd.call("DELETE", path + "preferences")
            #expect(again.status == 200)
            #expect(again.json["receipt"] == nil)
            let byPut = await prefd.call("PUT", path + "content", #"{"granted":false}"#)
            #expect(byPut.status == 200)
            #expect(byPut.json["granted"]?.bool == false)
        }
    }

    @Test("several are decided at once, and all can be withdrawn at once")
    func bulk() async throws {
        try await Fixture.run { prefd in
            let body =
                #"{"consents":[{"scope":"content","granted":true,"retention":"2w"},"#
                + #"{"scope":"share:mail","granted":true}]}"#
            let answer = await prefd.call("PUT", "/prefd/v1/consent", body)
            #expect(answer.status == 200)
            #expect(answer.json["consents"]?.count == 2)
            let list = await prefd.call("GET", "/prefd/v1/consent")
            #expect(list.json["consents"]?.count == ConsentScope.standard.count + 1)
            let gone = await prefd.call("DELETE", "/prefd/v1/consent")
            #expect(gone.json["consents"]?.count == 2)
            #expect(gone.json["consents"]?[0]?["granted"]?.bool == false)
        }
    }

    @Test("a bulk that is wrong anywhere changes nothing")
    func bulkRefused() async throws {
        try await Fixture.run { prefd in
            let unknown =
                #"{"consents":[{"scope":"content","granted":true},{"scope":"contnt","granted":true}]}"#
            #expect(await prefd.call("PUT", "/prefd/v1/consent", unknown).code == "unknown_scope")
            let twice =
                #"{"consents":[{"scope":"content","granted":true},{"scope":"content","granted":false}]}"#
            #expect(await prefd.call("PUT", "/prefd/v1/consent", twice).status == 409)
            #expect(await prefd.call("GET", path + "content").json["granted"]?.bool == false)
        }
    }

    @Test("an unknown scope is 404, with the nearest one", arguments: ["GET", "PUT", "DELETE"])
    func unknown(method: String) async throws {
        try await Fixture.run { prefd in
            for name in ["signals.explict", "share:", "share:a%0Ab"] {
                let answer = await prefd.call(method, path + name, #"{"granted":true}"#)
                #expect(answer.status == 404)
                #expect(answer.code == "unknown_scope")
            }
            let answer = await prefd.call(method, path + "signals.explict", #"{"granted":true}"#)
            #expect(answer.hint == "Did you mean signals.explicit?")
        }
    }

    @Test(
        "a retention that is no duration, or goes with no grant, is 422",
        arguments: [
            #"{"granted":true,"retention":"3 days"}"#, #"{"granted":true,"retention":"0d"}"#,
            #"{"granted":false,"retention":"3d"}"#,
        ]
    )
    func badRetention(body: String) async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call("PUT", path + "content", body)
            #expect(answer.status == 422)
            #expect(answer.code == "bad_value")
        }
    }

    @Test("a retention of a scope under which nothing expires is 422, and nothing is granted")
    func retentionOfWhatDoesNotExpire() async throws {
        try await Fixture.run { prefd in
            let body = #"{"granted":true,"retention":"90d"}"#
            for scope in ["preferences", "population"] {
                let answer = await prefd.call("PUT", path + scope, body)
                #expect(answer.status == 422)
                #expect(answer.code == "bad_value")
                #expect(await prefd.call("GET", path + scope).json["granted"]?.bool == false)
            }
        }
    }

    @Test(
        "a decision without its yes or no is 400",
        arguments: ["{}", #"{"granted":"yes"}"#, "", "null"]
    )
    func malformed(body: String) async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.call("PUT", path + "content", body).status == 400)
        }
    }
}
