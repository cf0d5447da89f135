import PrefControl
import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

@Suite("Oneself, the vocabulary and health over the API")
struct OwnCallTests {
    @Test("me says who prefd says you are")
    func me() async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call("GET", "/prefd/v1/me")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"access":"user","app":"cli","principal":"uid:1000"}"#)
            #expect(await prefd.adminCall("GET", "/prefd/v1/me").json["access"]?.string == "admin")
        }
    }

    @Test("dimensions is the whole vocabulary")
    func dimensions() async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call("GET", "/prefd/v1/dimensions")
            #expect(answer.json["dimensions"]?.count == Vocabulary.standard.dimensions.count)
            #expect(answer.json["dimensions"]?[0]?["meaning"]?.string?.isEmpty == false)
        }
    }

    @Test("a request explains itself to its own principal, and is not there for others")
    func explanation() async throws {
        try await Fixture.run { prefd in
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.alice)
            prefd.history.keep(.sample(id: "req-2"), of: Fixture.alice)
            let answer = await prefd.call("GET", "/prefd/v1/requests/req-1")
            #expect(answer.status == 200)
            #expect(answer.json["block"]?.string == "Be concise.")
            #expect(
                await prefd.call("GET", "/prefd/v1/requests/last").json["id"]?.string == "req-2"
            )
            for id in ["req-1", "last"] {
                let other = await prefd.call("GET", "/prefd/v1/requests/\(id)", as: Fixture.bob)
                #expect(other.status == 404)
                #expect(other.code == "unknown_request")
            }
        }
    }

    @Test("export is everything, of oneself alone")
    func export() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/note", #"{"value":"of alice"}"#)
            _ = await prefd.call("PUT", "/prefd/v1/consent/signals.explicit", #"{"granted":true}"#)
            _ = await prefd.call("POST", "/prefd/v1/signals", #"{"kind":"rating","value":3}"#)
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.alice)
            let mine = await prefd.call("GET", "/prefd/v1/export")
            #expect(mine.json["format"]?.string == "prefd-export")
            #expect(mine.json["version"]?.number == 1)
            #expect(mine.json["principal"]?.string == "uid:1000")
            #expect(mine.json["preferences"]?[0]?["value"]?.string == "of alice")
            #expect(mine.json["consents"]?.count == 2)
            #expect(mine.json["signals"]?.count == 1)
            #expect(mine.json["requests"]?.count == 1)
            let other = await prefd.call("GET", "/prefd/v1/export", as: Fixture.bob)
            #expect(other.status == 200)
            #expect(other.json["principal"]?.string == "uid:1001")
            for part in ["preferences", "consents", "signals", "requests"] {
                #expect(other.json[part]?.count == 0)
            }
        }
    }

    @Test("forget me erases everything, gives a receipt, and does so again for nothing")
    func forget() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value":"casual"}"#)
            prefd.history.keep(.sample(id: "req-1"), of: Fixture.alice)
            let receipt = await prefd.call("DELETE", "/prefd/v1/me")
            #expect(receipt.status == 200)
            #expect(receipt.json["erased"]?["preferences"]?.number == 1)
            #expect(receipt.json["seal"]?.string?.count == 64)
            #expect(!receipt.text.contains("uid:1000"))
            let users = try await prefd.store.users()
            #expect(users.isEmpty)
            #expect(await prefd.call("GET", "/prefd/v1/requests/req-1").status == 404)
            let again = await prefd.call("DELETE", "/prefd/v1/me")
            #expect(again.status == 200)
            #expect(again.json["erased"]?["preferences"]?.number == 0)
        }
    }

    @Test("health says alive, and ready or not with the parts")
    func health() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.call("GET", "/healthz?verbose").text == #"{"status":"ok"}"#)
            #expect(await prefd.call("GET", "/readyz").status == 200)
            prefd.service.setStoreReady(false)
            let unready = await prefd.call("GET", "/readyz")
            #expect(unready.status == 503)
            #expect(unready.json["ready"]?.bool == false)
            #expect(unready.json["backends"]?[0]?["name"]?.string == "local")
            #expect(await prefd.call("GET", "/healthz").status == 200)
        }
    }

    @Test(
        "any other path is 404",
        arguments: [
            "/prefd", "/prefd/v1", "/prefd/v1/", "/prefd/v1/me/", "/prefd/v2/me",
            "/prefd/v1/preferences/tone/why/not", "/prefd/v1//me", "/prefd/v1/admin/users",
            "/metrics",
            "/prefd/v1/consent/a/b", "/prefd/v1/%zz", "/prefd/v1/requests/", "*",
        ]
    )
    func unknownEndpoint(target: String) async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call("GET", target)
            #expect(answer.status == 404)
            #expect(answer.code == "unknown_endpoint")
        }
    }

    @Test(
        "another method is 405, with those that are allowed",
        arguments: [
            ("POST", "/prefd/v1/me", "GET, DELETE"), ("GET", "/prefd/v1/signals", "POST"),
            ("PATCH", "/prefd/v1/preferences/tone", "GET, PUT, DELETE"),
            ("PUT", "/prefd/v1/export", "GET"), ("DELETE", "/healthz", "GET"),
        ]
    )
    func methods(method: String, target: String, allow: String) async throws {
        try await Fixture.run { prefd in
            let answer = await prefd.call(method, target)
            #expect(answer.status == 405)
            #expect(answer.code == "method_not_allowed")
            #expect(answer.header("Allow") == allow)
        }
    }

    @Test("HEAD is a GET, and no more than that")
    func head() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.call("HEAD", "/healthz").status == 200)
            #expect(await prefd.call("HEAD", "/prefd/v1/me").status == 200)
            #expect(await prefd.call("HEAD", "/prefd/v1/signals").status == 405)
        }
    }

    @Test("a query where none is taken is 400")
    func query() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.call("GET", "/prefd/v1/me?user=uid:0").status == 400)
            #expect(await prefd.call("DELETE", "/prefd/v1/me?user=uid:0").status == 400)
            #expect(await prefd.call("GET", "/prefd/v1/export?principal=uid:0").status == 400)
        }
    }

    @Test("a store that cannot be used is 503, and the journal has it")
    func unavailable() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value":"casual"}"#)
            await prefd.store.checkpointAndClose()
            let answer = await prefd.call(
                "PUT",
                "/prefd/v1/preferences/tone",
                #"{"value":"formal"}"#
            )
            #expect(answer.status == 503)
            #expect(answer.code == "store_unavailable")
            #expect(answer.header("Retry-After") == "1")
            #expect(prefd.events.kinds.last == .storeUnavailable)
            #expect(await prefd.call("GET", "/prefd/v1/me").status == 200)
        }
    }

    @Test("one principal's calls in flight are limited, and nobody else's by them")
    func flood() async throws {
        try await Fixture.run(limits: APILimits(callsPerPrincipal: 2)) { prefd in
            let inFlight = CallsInFlight(limit: 2)
            try inFlight.enter(Fixture.alice)
            try inFlight.enter(Fixture.alice)
            #expect(throws: APIRefusal.self) { try inFlight.enter(Fixture.alice) }
            try inFlight.enter(Fixture.bob)
            inFlight.leave(Fixture.alice)
            try inFlight.enter(Fixture.alice)
            let statuses = await withTaskGroup(of: Int.self) { group in
                for value in 0..<64 {
                    let body = #"{"value":"note \#(value)"}"#
                    group.addTask {
                        await prefd.call("PUT", "/prefd/v1/preferences/note", body).status
                    }
                }
                return await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses.isSubset(of: [200, 429]))
            #expect(statuses.contains(200))
            let refusal = APIResponse.refusal(.tooManyCalls(limit: 2))
            #expect(refusal.status == 429)
            #expect(Answer(refusal).code == "too_many_requests")
            #expect(await prefd.call("GET", "/prefd/v1/preferences").status == 200)
        }
    }

    @Test("the paths that are this API's are told from the backends'")
    func serves() {
        for path in ["/prefd", "/prefd/v1/me", "/healthz", "/readyz"] {
            #expect(DataAPI.serves(path: path))
        }
        for path in ["/", "/v1/models", "/prefdx", "/healthz/x", "/metrics"] {
            #expect(!DataAPI.serves(path: path))
        }
    }
}
