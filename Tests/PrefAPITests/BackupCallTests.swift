import PrefControl
import PrefModel
import Testing

@testable import PrefAPI

@Suite("Backups over the admin socket")
struct BackupCallTests {
    private static let path = "/prefd/v1/admin/backups"

    @Test("are read in pieces while they are offered, and journaled")
    func offered() async throws {
        try await Fixture.run { fixture in
            _ = await fixture.call("PUT", "/prefd/v1/preferences/tone", #"{"value": "casual"}"#)
            let offer = await fixture.adminCall("POST", Self.path)
            #expect(offer.status == 200 && offer.json["files"]?.count == 3)
            let id = try #require(offer.json["id"]?.string)
            let file = "\(Self.path)/\(id)/files/keyring?offset="
            let whole = await fixture.adminCall("GET", file + "0")
            #expect(whole.status == 200 && whole.response.body.count > 1_024)
            let rest = await fixture.adminCall("GET", file + "1000")
            #expect(rest.response.body == Array(whole.response.body.dropFirst(1_000)))
            #expect(await fixture.adminCall("GET", file + "9999999").response.body.isEmpty)
            #expect(await fixture.adminCall("DELETE", "\(Self.path)/\(id)").status == 200)
            #expect(await fixture.adminCall("GET", file + "0").code == "unknown_backup")
            let action = try #require(fixture.events.all.last { $0.kind == .adminAction })
            #expect(action.action == "backup create")
        }
    }

    @Test("take only a backup's own files, at places that there can be")
    func files() async throws {
        try await Fixture.run { fixture in
            let upload = await fixture.adminCall("POST", Self.path + "/uploads")
            let id = try #require(upload.json["id"]?.string)
            for name in ["master.key", "..%2Fkeyring", "state%2Fkeyring", ""] {
                let answer = await fixture.adminCall(
                    "PUT",
                    "\(Self.path)/\(id)/files/\(name)?offset=0",
                    "x"
                )
                #expect(answer.code == "unknown_backup", "\(name)")
            }
            for query in ["", "?offset=-1", "?offset=x", "?offset=1&offset=2", "?place=0"] {
                let answer = await fixture.adminCall(
                    "PUT",
                    "\(Self.path)/\(id)/files/keyring\(query)",
                    "x"
                )
                #expect(answer.status == 400, "\(query)")
            }
            #expect(
                await fixture.adminCall("PUT", "\(Self.path)/\(id)/files/keyring?offset=0", "x")
                    .status == 200
            )
            #expect(await fixture.adminCall("DELETE", "\(Self.path)/\(id)").status == 200)
            #expect(
                await fixture.adminCall("POST", "\(Self.path)/\(id)/restore").code
                    == "unknown_backup"
            )
        }
    }

    @Test("are for admins only, by their own methods")
    func admins() async throws {
        try await Fixture.run { fixture in
            #expect(await fixture.adminCall("POST", Self.path, isAdmin: false).status == 404)
            #expect(await fixture.call("POST", Self.path).status == 404)
            #expect(await fixture.adminCall("GET", Self.path).status == 405)
            let staged = await fixture.adminCall("DELETE", "/prefd/v1/admin/restore")
            #expect(staged.status == 200 && staged.json["dropped"]?.bool == false)
        }
    }
}
