import Testing

@testable import PrefModel

@Suite("A principal")
struct PrincipalTests {
    @Test(
        "reads back from its spelling",
        arguments: [
            (Principal.user(uid: 0), "uid:0"), (.user(uid: 1000), "uid:1000"),
            (.user(uid: .max), "uid:4294967295"),
            (.endUser(app: "webchat", id: "alice"), "app:webchat/user:alice"),
            (.endUser(app: "webchat", id: "a/user:b c:é"), "app:webchat/user:a/user:b c:é"),
        ]
    )
    func roundTrip(principal: Principal, spelling: String) {
        #expect(principal.spelling == spelling)
        #expect(Principal(spelling: spelling) == principal)
    }

    @Test(
        "is read from nothing else",
        arguments: [
            "", "uid:", "uid:-1", "uid:4294967296", "uid:1x", "uid: 1", "UID:1", "1000", "app:",
            "app:a", "app:a/",
            "app:/user:x", "app:a/user:", "app:a/usr:x", "user:x", "app:a/uid:1",
        ]
    )
    func malformed(spelling: String) {
        #expect(Principal(spelling: spelling) == nil)
    }

    @Test("is another than any with a different spelling")
    func distinct() {
        let principals: [Principal] = [
            .user(uid: 1), .user(uid: 10), .endUser(app: "a", id: "1"), .endUser(app: "b", id: "1"),
            .endUser(app: "a", id: "uid:1"),
        ]
        #expect(Set(principals.map(\.spelling)).count == principals.count)
        #expect(Set(principals).count == principals.count)
    }
}
