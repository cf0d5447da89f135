import PrefModel
import PrefStore
import Testing

@testable import PrefAPI

@Suite("The admin's calls on the audit log")
struct AuditCallTests {
    private let audit = "/prefd/v1/admin/audit"

    @Test("it verifies, against a checkpoint too, and only for admins")
    func verifies() async throws {
        try await Fixture.run { prefd in
            #expect(await prefd.adminCall("GET", audit, isAdmin: false).status == 404)
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value": "casual"}"#)
            let verdict = await prefd.adminCall("GET", audit).json
            #expect(verdict["ok"]?.bool == true)
            #expect(verdict["entries"]?.number == 1)
            let head = try #require(verdict["head"]?.string)
            let again = await prefd.adminCall("GET", audit + "?checkpoint=\(head)").json
            #expect(again["ok"]?.bool == true)
            let other = head.dropLast() + (head.hasSuffix("0") ? "1" : "0")
            let wrong = await prefd.adminCall("GET", audit + "?checkpoint=\(other)").json
            #expect(wrong["ok"]?.bool == false)
            #expect(wrong["problems"]?[0]?["message"]?.string?.contains("replaced") == true)
            #expect(await prefd.adminCall("GET", audit + "?checkpoint=7").code == "bad_value")
            #expect(await prefd.adminCall("GET", audit + "?x=7").status == 400)
        }
    }

    @Test("an admin's acts are entered before they are carried out, with no reason in them")
    func acts() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value": "casual"}"#)
            let user = prefd.store.pseudonym(of: Fixture.alice)
            let path = "/prefd/v1/admin/users/\(user)?reason=a+letter+from+Smith"
            #expect(await prefd.adminCall("GET", path).status == 200)
            #expect(await prefd.adminCall("DELETE", path).status == 200)
            #expect(await prefd.adminCall("POST", "/prefd/v1/admin/keys/rotate").status == 200)
            let verdict = await prefd.adminCall("GET", audit).json
            #expect(verdict["ok"]?.bool == true)
            // The consent; three acts, an erasure and a new key, each with a checkpoint behind it.
            #expect(verdict["entries"]?.number == 11)
        }
    }

    @Test("a receipt is genuine, or it is not")
    func receipts() async throws {
        try await Fixture.run { prefd in
            _ = await prefd.call("PUT", "/prefd/v1/preferences/tone", #"{"value": "casual"}"#)
            let receipt = await prefd.call("DELETE", "/prefd/v1/me").text
            let verdict = await prefd.adminCall("POST", audit + "/receipt", receipt).json
            #expect(verdict["valid"]?.bool == true)
            #expect(verdict["entry"]?.number == 2)
            let changed = receipt.replacing("\"preferences\":1", with: "\"preferences\":0")
            #expect(changed != receipt)
            let forged = await prefd.adminCall("POST", audit + "/receipt", changed).json
            #expect(forged["valid"]?.bool == false)
            #expect(await prefd.adminCall("POST", audit + "/receipt", "{}").status == 400)
        }
    }
}
