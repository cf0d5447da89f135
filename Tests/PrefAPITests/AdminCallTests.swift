import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

@Suite("The admin socket's calls")
struct AdminCallTests {
    private let admin = "/prefd/v1/admin/"

    @Test("none of them is there for a peer that was not authorized")
    func authorized() async throws {
        try await Fixture.run { prefd in
            for path in ["status", "metrics", "users", "rules", "doctor"] {
                let answer = await prefd.adminCall("GET", admin + path, isAdmin: false)
                #expect(answer.status == 404)
                #expect(answer.code == "unknown_endpoint")
            }
        }
    }

    @Test("it answers the data socket's calls too, for the admin's own data")
    func own() async throws {
        try await Fixture.run { prefd in
            #expect(
                await prefd.adminCall("GET", "/prefd/v1/me").json["principal"]?.string == "uid:0"
            )
            #expect(await prefd.adminCall("GET", "/readyz").status == 200)
        }
    }

    @Test("status and metrics")
    func status() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.adminCall("GET", admin + "status").json["process_id"]?.number == 7)
            for path in ["/metrics", admin + "metrics"] {
                let metrics = await prefd.adminCall("GET", path)
                #expect(metrics.response.contentType.hasPrefix("text/plain; version=0.0.4"))
                #expect(
                    metrics.text == """
                        # HELP prefd_requests_total Requests\\nserved.
                        # TYPE prefd_requests_total counter
                        prefd_requests_total{endpoint="/v1/\\"chat\\"\\\\",status="200"} 3
                        # HELP prefd_held_bytes Bytes held.
                        # TYPE prefd_held_bytes gauge
                        prefd_held_bytes 0.5

                        """
                )
            }
        }
    }

    @Test("the service looks at itself")
    func doctor() async throws {
        try await Fixture.run { prefd in
            let found = await prefd.adminCall("GET", admin + "doctor").json
            #expect(found["findings"]?[0]?["check"]?.string == "disk")
            #expect(found["findings"]?[0]?["state"]?.string == "ok")
        }
    }

    @Test("the log level changes, and that is journaled")
    func logLevel() async throws {
        try await Fixture.run { prefd in
            let path = admin + "log/level"
            #expect(await prefd.adminCall("GET", path).json["level"]?.string == "info")
            let changed = await prefd.adminCall("PUT", path, #"{"level":"debug"}"#)
            #expect(changed.json["level"]?.string == "debug")
            #expect(await prefd.adminCall("GET", path).json["level"]?.string == "debug")
            #expect(prefd.events.all.last?.action == "log level debug")
            let refused = await prefd.adminCall("PUT", path, #"{"level":"chatty"}"#)
            #expect(refused.status == 422 && refused.code == "bad_value")
            #expect(await prefd.adminCall("POST", path).status == 405)
        }
    }

    @Test("users are pseudonyms, and one is shown for a reason that is journaled")
    func users() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value":"casual"}"#)
            _ = await prefd.call("PUT", "/prefd/v1/preferences/note", #"{"value":"CANARY"}"#)
            let list = await prefd.adminCall("GET", admin + "users")
            let pseudonym = try #require(list.json["users"]?[0]?["pseudonym"]?.string)
            #expect(pseudonym == prefd.store.pseudonym(of: Fixture.alice))
            #expect(list.json["users"]?[0]?["preferences"]?.number == 2)
            let refused = await prefd.adminCall("GET", admin + "users/" + pseudonym)
            #expect(refused.status == 422)
            #expect(refused.code == "reason_required")
            let shown = await prefd.adminCall("GET", admin + "users/\(pseudonym)?reason=ticket+12")
            #expect(shown.status == 200)
            #expect(shown.text.contains("casual"))
            for secret in ["CANARY", "uid:1000"] {
                #expect(!shown.text.contains(secret))
                #expect(!list.text.contains(secret))
                #expect(!prefd.events.text.contains(secret))
            }
            let event = try #require(prefd.events.all.last)
            #expect(event.kind == .adminAction)
            #expect(event.more["PREFD_REASON"] == "ticket 12")
            #expect(event.more["PREFD_SUBJECT"] == pseudonym)
        }
    }

    @Test("a user is forgotten for a reason, and both are journaled")
    func forget() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value":"casual"}"#)
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.alice)
            let pseudonym = prefd.store.pseudonym(of: Fixture.alice)
            let target = admin + "users/\(pseudonym)"
            #expect(await prefd.adminCall("DELETE", target).status == 422)
            #expect(await prefd.adminCall("DELETE", target + "?reason=x").status == 422)
            #expect(await prefd.adminCall("DELETE", target + "?reason=a%0Ab").status == 422)
            let receipt = await prefd.adminCall("DELETE", target + "?reason=asked+in+writing")
            #expect(receipt.status == 200)
            #expect(receipt.json["erased"]?["preferences"]?.number == 1)
            #expect(prefd.history.explanations(of: Fixture.alice).isEmpty)
            let users = try await prefd.store.users()
            #expect(users.isEmpty)
            #expect(prefd.events.kinds.suffix(2) == [.adminAction, .userForgotten])
            let again = await prefd.adminCall("DELETE", target + "?reason=again")
            #expect(again.status == 404)
            #expect(again.code == "unknown_user")
        }
    }

    @Test("rules are listed, linted, tested, tried and reloaded")
    func rules() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.adminCall("GET", admin + "rules").json["rules"]?.count == 1)
            #expect(await prefd.adminCall("POST", admin + "rules/lint").json["ok"]?.bool == true)
            let lint = await prefd.adminCall("POST", admin + "rules/lint", #"{"directory":"/bad"}"#)
            #expect(lint.status == 200)
            #expect(lint.json["ok"]?.bool == false)
            #expect(lint.json["problems"]?[0]?["line"]?.number == 3)
            #expect(
                await prefd.adminCall("POST", admin + "rules/test", "{}").json["cases"]?.number == 2
            )
            let tried = await prefd.adminCall("POST", admin + "rules/try", #"{"text":"hello"}"#)
            #expect(tried.json["output"]?.string == "hello")
            let bad = await prefd.adminCall(
                "POST",
                admin + "rules/try",
                #"{"text":"x","directory":"/bad"}"#
            )
            #expect(bad.status == 422)
            #expect(bad.code == "bad_rules")
            #expect(bad.message?.contains("/bad/a.yaml:3") == true)
            let reloaded = await prefd.adminCall("POST", admin + "rules/reload")
            #expect(reloaded.json["ok"]?.bool == false)
            #expect(prefd.events.all.last?.more["PREFD_OUTCOME"] == "failed")
        }
    }

    @Test("config is checked, and reloaded")
    func config() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.adminCall("POST", admin + "config/check").json["ok"]?.bool == true)
            let bad = await prefd.adminCall(
                "POST",
                admin + "config/check",
                #"{"file":"/bad.yaml"}"#
            )
            #expect(bad.json["ok"]?.bool == false)
            #expect(await prefd.adminCall("POST", admin + "reload").json["ok"]?.bool == true)
            #expect(prefd.events.all.last?.action == "reload")
        }
    }

    @Test(
        "what is wrong is said",
        arguments: [
            ("POST", "users", "", 405), ("POST", "rules/try", "{}", 400),
            ("POST", "rules/try", #"{"text":"x","surface":"ceiling"}"#, 422),
            ("POST", "rules/lint", #"{"directory":"rel/ative"}"#, 422),
            ("POST", "rules/lint", #"{"direktory":"/x"}"#, 400), ("GET", "status?x=1", "", 400),
            ("GET", "users/p1?reason=because", "", 404), ("GET", "users/p1?why=because", "", 400),
            ("GET", "nothing", "", 404), ("POST", "config/check", #"{"file":5}"#, 400),
        ]
    )
    func refusals(method: String, path: String, body: String, status: Int) async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.adminCall(method, admin + path, body).status == status)
        }
    }
}
