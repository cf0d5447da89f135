import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing
import UnixHTTP

/// A responder made of closures.
struct ClosureResponder: HTTPResponder {
    var onRequest: @Sendable (HTTPRequest, ResponseWriter) async throws -> Void
    var onFault: @Sendable (RequestFault) -> Void = { _ in }

    func respond(to request: HTTPRequest, through response: ResponseWriter) async throws {
        try await onRequest(request, response)
    }

    func respond(
        to fault: RequestFault,
        head: RequestHead?,
        peer: PeerCredentials,
        through response: ResponseWriter
    ) async throws {
        onFault(fault)
        try await response.send(
            fault.status,
            headers: ["x-path": head?.path ?? "none"],
            body: ByteBuffer(string: fault.message)
        )
    }
}

/// A server on a socket in a directory of its own, for the length of a test.
struct TestServer: Sendable {
    let path: String
    let server: HTTPServer

    static func run(
        limits: ServerLimits = ServerLimits(),
        onFault: @escaping @Sendable (RequestFault) -> Void = { _ in },
        respond: @escaping @Sendable (HTTPRequest, ResponseWriter) async throws -> Void = echo,
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        let server = HTTPServer(
            address: .path(path, mode: 0o600),
            limits: limits,
            responder: ClosureResponder(onRequest: respond, onFault: onFault)
        )
        try await server.listen()
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            defer { server.beginShutdown(grace: .zero) }
            try await body(TestServer(path: path, server: server))
        }
    }

    func connect() async throws -> RawSocket { try await RawSocket.connect(to: path) }

    /// Says what arrived: method, target and body.
    static let echo: @Sendable (HTTPRequest, ResponseWriter) async throws -> Void = {
        request,
        response in
        var body = ByteBuffer(string: "\(request.method) \(request.target) ")
        body.writeImmutableBuffer(request.body)
        try await response.send(.ok, body: body)
    }
}

/// Something that happens once, and can be waited for.
final class Happening: Sendable {
    private struct State {
        var count = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func happen() {
        let waiters = state.withLock { state in
            state.count += 1
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { waiter in
            let hasHappened = state.withLock { state in
                if state.count == 0 { state.waiters.append(waiter) }
                return state.count > 0
            }
            if hasHappened { waiter.resume() }
        }
    }
}

/// Waits until something is so, for ten seconds at most.
func eventually(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

extension String {
    /// A request to the test server, with the one field that HTTP/1.1 insists on.
    static func request(
        _ line: String = "GET / HTTP/1.1",
        _ fields: String...,
        body: String = ""
    ) -> String {
        ([line, "Host: x"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
    }
}
