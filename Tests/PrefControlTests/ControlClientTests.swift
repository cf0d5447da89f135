import FoundationEssentials
import PrefModel
import Synchronization
import Testing

@testable import PrefControl

@Suite("Calls to prefd's own API")
struct ControlClientTests {
    @Test("a context goes into the query, percent-encoded, and what is not given stays out")
    func query() async throws {
        let exchange = Recorded(status: 200, body: #"{"removed":1}"#)
        let context = PreferenceContext(app: "a b&c", topic: "droit/été")
        let answer = try await ControlClient(exchange: exchange)
            .removePreferences(of: DimensionID(rawValue: "x/y"), in: context)
        #expect(answer.removed == 1)
        let sent = try #require(exchange.sent)
        #expect(sent.method == "DELETE")
        #expect(
            sent.target == "/prefd/v1/preferences/x%2Fy?app=a%20b%26c&topic=droit%2F%C3%A9t%C3%A9"
        )
        #expect(sent.body == nil)
    }

    @Test("a message goes out as JSON")
    func sending() async throws {
        let exchange = Recorded(
            status: 200,
            body: #"{"scope":"share:x y","granted":true,"receipt":null}"#
        )
        let change = try await ControlClient(exchange: exchange)
            .decide(ConsentDecision(granted: true), on: "share:x y")
        #expect(change.scope == .share(app: "x y"))
        let sent = try #require(exchange.sent)
        #expect(sent.target == "/prefd/v1/consent/share%3Ax%20y")
        #expect(
            sent.headers.contains { $0.name == "Content-Type" && $0.value == "application/json" }
        )
        #expect(sent.body.map { String(decoding: $0, as: UTF8.self) } == #"{"granted":true}"#)
    }

    @Test("a refusal arrives with its status, code, message and hint")
    func refusal() async throws {
        let exchange = Recorded(
            status: 422,
            body: #"{"error":{"code":"tier_universal","message":"m","hint":"h"}}"#
        )
        await #expect {
            try await ControlClient(exchange: exchange).identity()
        } throws: { error in
            guard case ControlFailure.refused(status: 422, let refusal) = error else {
                return false
            }
            return refusal.code == "tier_universal" && refusal.message == "m" && refusal.hint == "h"
        }
    }

    @Test("an answer that is not prefd's is said to be none", arguments: ["<html>", "{}", ""])
    func stranger(body: String) async throws {
        for status in [200, 500] {
            await #expect {
                try await ControlClient(exchange: Recorded(status: status, body: body)).identity()
            } throws: { error in
                if case ControlFailure.notPrefd = error { true } else { false }
            }
        }
    }

    @Test("readiness is an answer also where it is no")
    func unready() async throws {
        let body =
            #"{"ready":false,"store":{"ready":false,"detail":"d"},"rules":{"ready":true,"detail":""},"#
            + #""backends":[]}"#
        let readiness = try await ControlClient(exchange: Recorded(status: 503, body: body))
            .readiness()
        #expect(!readiness.ready)
    }

    @Test("the socket is the one given, else the environment's, else one's own, else the system's")
    func sockets() {
        let own = ["XDG_RUNTIME_DIR": "/run/user/7"]
        let set = own.merging(["PREFD_SOCKET": "/e.sock", "PREFD_ADMIN_SOCKET": "/ea.sock"]) { $1 }
        #expect(ControlSockets.data(given: "/g", environment: set) { _ in true } == "/g")
        #expect(ControlSockets.data(given: nil, environment: set) { _ in true } == "/e.sock")
        #expect(ControlSockets.admin(given: nil, environment: set) { _ in true } == "/ea.sock")
        #expect(
            ControlSockets.data(given: nil, environment: own) { _ in true }
                == "/run/user/7/prefd/prefd.sock"
        )
        #expect(
            ControlSockets.admin(given: nil, environment: own) { _ in true }
                == "/run/user/7/prefd/admin.sock"
        )
        #expect(
            ControlSockets.data(given: nil, environment: own) { _ in false }
                == "/run/prefd/prefd.sock"
        )
        #expect(
            ControlSockets.admin(given: nil, environment: [:]) { _ in true }
                == "/run/prefd/admin.sock"
        )
    }
}

/// Keeps what was sent, and answers the same to everything.
private final class Recorded: ControlExchange {
    let socket = "/test.sock"
    private let last = Mutex<ControlRequest?>(nil)
    private let status: Int
    private let body: String

    init(status: Int, body: String) {
        self.status = status
        self.body = body
    }

    var sent: ControlRequest? { last.withLock { $0 } }

    func send(_ request: ControlRequest) async throws(ControlFailure) -> ControlResponse {
        last.withLock { $0 = request }
        return ControlResponse(status: status, headers: [], body: Array(body.utf8))
    }
}
