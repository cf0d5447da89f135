import FoundationEssentials
import Testing

@testable import PrefModel

@Suite("Consent")
struct ConsentTests {
    @Test("has the contract's scopes by name")
    func names() {
        #expect(
            ConsentScope.standard.map(\.description) == [
                "preferences", "signals.explicit", "signals.implicit", "content", "experiments",
                "audit", "population",
            ]
        )
        for scope in ConsentScope.standard + [.share(app: "webchat")] {
            #expect(ConsentScope(name: scope.description) == scope)
            #expect(!scope.purpose.isEmpty)
        }
        #expect(ConsentScope(name: "share:webchat") == .share(app: "webchat"))
    }

    @Test(
        "has no other scopes",
        arguments: [
            "", "share:", "share", "Preferences", "signals", "content ", "all", "*",
            "share:" + String(repeating: "a", count: 129),
        ]
    )
    func unknown(name: String) {
        #expect(ConsentScope(name: name) == nil)
    }

    @Test(
        "is asked for by every kind of signal: explicit for what is reported, implicit for the rest"
    )
    func signals() {
        let explicit = SignalKind.allCases.filter { $0.scope == .signalsExplicit }
        #expect(explicit == [.choice, .rating, .edit])
        #expect(
            SignalKind.allCases.allSatisfy {
                [.signalsExplicit, .signalsImplicit].contains($0.scope)
            }
        )
    }

    @Test("is recorded with the fields of a consent record, under their names")
    func record() throws {
        let record = ConsentRecord(
            id: "r1",
            principal: "uid:1000",
            scope: .share(app: "a/b"),
            givenAt: Date(timeIntervalSince1970: 0),
            method: .bySetting,
            retentionSeconds: 86_400
        )
        let text = String(decoding: try PrefJSON.encode(record), as: UTF8.self)
        #expect(
            text == """
                {"given_at":"1970-01-01T00:00:00Z","id":"r1","method":"by-setting",\
                "notice_version":"\(ConsentRecord.currentNotice)","principal":"uid:1000",\
                "purpose":"\(ConsentScope.share(app: "a/b").purpose)","retention":"1d",\
                "scope":"share:a/b"}
                """
        )
        #expect(try PrefJSON.decode(ConsentRecord.self, from: Data(text.utf8)) == record)
        // As it was kept before the retention was spelled as in a grant.
        let earlier = text.replacing("\"retention\":\"1d\"", with: "\"retention_seconds\":86400")
        #expect(earlier != text)
        #expect(try PrefJSON.decode(ConsentRecord.self, from: Data(earlier.utf8)) == record)
        let unknown = text.replacing("share:a/b\"}", with: "everything\"}")
        #expect(throws: DecodingError.self) {
            try PrefJSON.decode(ConsentRecord.self, from: Data(unknown.utf8))
        }
    }
}
