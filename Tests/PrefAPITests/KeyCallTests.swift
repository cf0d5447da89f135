import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

@Suite("The admin's calls on keys")
struct KeyCallTests {
    private let keys = "/prefd/v1/admin/keys"

    @Test("none of them is there for a peer that was not authorized")
    func authorized() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.adminCall("GET", keys, isAdmin: false).status == 404)
            #expect(await prefd.adminCall("POST", keys + "/rotate", isAdmin: false).status == 404)
            #expect(await prefd.adminCall("DELETE", keys).status == 405)
            #expect(await prefd.call("GET", keys).status == 404)
        }
    }

    @Test("the state is ages and counts")
    func status() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value": "casual"}"#)
            let status = await prefd.adminCall("GET", keys).json
            #expect(status["master"]?["source"]?.string == "file")
            #expect(status["master"]?["epoch"]?.number == 1)
            #expect(status["master"]?["age_days"]?.number == 0)
            #expect(status["keyring"]?["generation"]?.number == 1)
            #expect(status["data_keys"]?["users"]?.number == 1)
            #expect(status["algorithms"]?["derivation"]?.string == "HKDF-SHA256")
        }
    }

    @Test("the master key changes, and the journal says who asked and why")
    func master() async throws {
        try await Fixture.run { prefd in
            let body = #"{"reason": "  the yearly   change "}"#
            let status = await prefd.adminCall("POST", keys + "/rotate", body).json
            #expect(status["master"]?["epoch"]?.number == 2)
            let event = prefd.events.all.last { $0.kind == .adminAction }
            #expect(event?.action == "key rotate")
            #expect(event?.more["PREFD_REASON"] == "the yearly change")
            #expect(prefd.events.all.contains { $0.kind == .keyRotated })
            let bad = await prefd.adminCall("POST", keys + "/rotate", #"{"reason": "x"}"#)
            #expect(bad.code == "reason_required")
            #expect(await prefd.adminCall("POST", keys + "/rotate", #"{"key": 1}"#).status == 400)
        }
    }

    @Test("a user's data key changes; a name that nobody has stays out of the journal")
    func user() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value": "casual"}"#)
            let user = prefd.store.pseudonym(of: Fixture.alice)
            let status = await prefd.adminCall("POST", keys + "/rotate", "{\"user\": \"\(user)\"}")
            #expect(status.json["data_keys"]?["epochs"]?[0]?["epoch"]?.number == 2)
            #expect(prefd.events.all.last?.more["PREFD_SUBJECT"] == user)
            let unknown = await prefd.adminCall("POST", keys + "/rotate", #"{"user": "p-Smith"}"#)
            #expect(unknown.code == "unknown_user")
            #expect(prefd.events.all.allSatisfy { $0.more["PREFD_SUBJECT"] != "p-Smith" })
        }
    }
}
