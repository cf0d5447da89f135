import FoundationEssentials
import NIOCore
import NIOHTTP1
import Testing
import UnixHTTP

@testable import PrefControl

@Suite("The transport to prefd's socket")
struct ControlTransportTests {
    private func path(_ name: String) -> String {
        FileManager.default.temporaryDirectory.path
            + "/pc-\(UInt64.random(in: 0...UInt64.max))-\(name)"
    }

    @Test("method, target, fields and body go out, and the answer comes back whole")
    func exchange() async throws {
        let socket = path("a.sock")
        let server = HTTPServer(address: .path(socket, mode: 0o600), responder: Echo())
        try await server.listen()
        let running = Task { try await server.run() }
        let body = Array(repeating: UInt8(ascii: "x"), count: 300_000)
        let response = try await ControlTransport(socket: socket).send(
            ControlRequest(method: "PUT", target: "/a/b?c=d", headers: [("X-Own", "1")], body: body)
        )
        #expect(response.status == 422)
        #expect(response.header("x-method") == "PUT")
        #expect(response.header("X-TARGET") == "/a/b?c=d")
        #expect(response.header("x-own") == "1")
        #expect(response.header("x-agent") == "prefctl/\(PrefdVersion.current)")
        #expect(response.body == body)
        let empty = try await ControlTransport(socket: socket).send(
            ControlRequest(method: "DELETE", target: "/")
        )
        #expect(empty.body.isEmpty)
        server.beginShutdown(grace: .zero)
        try await running.value
    }

    @Test("a socket that is not there, or that nobody listens on, is not reachable")
    func unreachable() async throws {
        let file = path("plain")
        try Data().write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        for socket in [
            path("none.sock"), file, "relative.sock", "/" + String(repeating: "x", count: 200),
        ] {
            await #expect {
                try await ControlTransport(socket: socket).send(
                    ControlRequest(method: "GET", target: "/")
                )
            } throws: { error in
                guard case ControlFailure.unreachable(socket, _) = error else { return false }
                return true
            }
        }
    }
}

/// Answers with what it was sent.
private struct Echo: HTTPResponder {
    func respond(to request: HTTPRequest, through response: ResponseWriter) async throws {
        try await response.send(
            .unprocessableEntity,
            headers: [
                "x-method": request.method.rawValue, "x-target": request.target,
                "x-own": request.headers.first(name: "x-own") ?? "-",
                "x-agent": request.headers.first(name: "user-agent") ?? "-",
            ],
            body: request.body
        )
    }
}
