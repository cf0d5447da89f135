import Glibc
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import UnixHTTP

/// How a server stops.
@Suite(.timeLimit(.minutes(2)))
struct ShutdownTests {
    @Test("a running stream finishes, an idle connection closes at once, a new one is refused")
    func graceful() async throws {
        let release = Happening()
        try await TestServer.run(respond: { request, response in
            guard request.path == "/stream" else {
                return try await TestServer.echo(request, response)
            }
            try await response.begin(.ok)
            try await response.write(ByteBuffer(string: "one "))
            await release.wait()
            try await response.write(ByteBuffer(string: "two"))
            try await response.finish()
        }) { server in
            let idle = try await server.connect()
            try await idle.send(.request())
            #expect(try await idle.receiveResponse().status == 200)
            let fresh = try await server.connect()
            let streaming = try await server.connect()
            try await streaming.send(.request("GET /stream HTTP/1.1"))
            let head = try await streaming.receiveText(until: "one \r\n")
            #expect(head.hasPrefix("HTTP/1.1 200"))
            #expect(try await eventually { server.server.connectionsByUID.values.first == 3 })

            server.server.beginShutdown(grace: .seconds(60))
            #expect(await idle.endsSoon())
            #expect(await fresh.endsSoon())
            await #expect(throws: POSIXFailure.self) { try await server.connect() }
            release.happen()
            let rest = String(decoding: try await streaming.receiveToEnd(), as: UTF8.self)
            #expect(rest == "3\r\ntwo\r\n0\r\n\r\n")
        }
    }

    @Test("an exchange that begins its answer during the shutdown says that it is the last")
    func saysClose() async throws {
        let isThere = Happening()
        let release = Happening()
        try await TestServer.run(respond: { request, response in
            isThere.happen()
            await release.wait()
            try await TestServer.echo(request, response)
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request())
            await isThere.wait()
            server.server.beginShutdown(grace: .seconds(60))
            release.happen()
            #expect(try await socket.receiveResponse().fields["connection"] == "close")
            #expect(await socket.endsSoon())
        }
    }

    @Test("a request that is half received is still served")
    func halfReceived() async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            try await socket.send(.request("POST / HTTP/1.1", "Content-Length: 4", body: "ab"))
            #expect(try await eventually { server.server.connectionsByUID.values.first == 1 })
            try await Task.sleep(for: .milliseconds(100))
            server.server.beginShutdown(grace: .seconds(60))
            try await Task.sleep(for: .milliseconds(50))
            try await socket.send("cd")
            #expect(try await socket.receiveResponse().bodyText == "POST / abcd")
            #expect(await socket.endsSoon())
        }
    }

    @Test("a client that has connected and not yet asked is answered")
    func justConnected() async throws {
        try await TestServer.run { server in
            let fresh = try await server.connect()
            #expect(try await eventually { server.server.connectionsByUID.values.first == 1 })
            server.server.beginShutdown(grace: .seconds(60))
            try await fresh.send(.request())
            let answer = try await fresh.receiveResponse()
            #expect(answer.status == 200 && answer.fields["connection"] == "close")
            #expect(await fresh.endsSoon())
        }
    }

    @Test("one server after another on a socket that stays: nobody is lost, and each ends")
    func handover() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        // systemd keeps the original; each server gets a descriptor of its own.
        let listener = try RawSocket.listen(at: path)
        defer { listener.close() }
        let descriptor = listener.descriptor
        let serving = Task {
            while !Task.isCancelled {
                let server = HTTPServer(
                    address: .inherited(fileDescriptor: dup(descriptor)),
                    responder: ClosureResponder(onRequest: TestServer.echo)
                )
                try await server.listen()
                let run = Task { try await server.run() }
                try? await Task.sleep(for: .milliseconds(10))
                server.beginShutdown(grace: .seconds(60))
                try await run.value
            }
        }
        let answered = try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    var answered = 0
                    for _ in 0..<200 {
                        let socket = try await RawSocket.connect(to: path)
                        try await socket.send(.request())
                        if try await socket.receiveResponse().status == 200 { answered += 1 }
                        socket.close()
                    }
                    return answered
                }
            }
            return try await group.reduce(0, +)
        }
        serving.cancel()
        try await serving.value
        #expect(answered == 1600)
    }

    @Test("after the grace period everything is closed, also what never reads")
    func forced() async throws {
        let isCancelled = Happening()
        let directory = try TemporaryDirectory()
        let server = HTTPServer(
            address: .path(directory.file("s"), mode: 0o600),
            responder: ClosureResponder { _, response in
                try await withTaskCancellationHandler {
                    try await response.begin(.ok)
                    while true { try await response.write(ByteBuffer(repeating: 1, count: 65536)) }
                } onCancel: {
                    isCancelled.happen()
                }
            }
        )
        try await server.listen()
        let run = Task { try await server.run() }
        let socket = try await RawSocket.connect(to: directory.file("s"))
        try await socket.send(.request())
        _ = try await socket.receiveExactly(10)
        server.beginShutdown(grace: .milliseconds(100))
        await isCancelled.wait()
        try await run.value
        #expect(server.connectionsByUID.isEmpty)
    }

    @Test("cancelling the task that runs a server stops it")
    func cancelled() async throws {
        let directory = try TemporaryDirectory()
        let server = HTTPServer(
            address: .path(directory.file("s"), mode: 0o600),
            responder: ClosureResponder(onRequest: TestServer.echo)
        )
        try await server.listen()
        let run = Task { try await server.run() }
        let socket = try await RawSocket.connect(to: directory.file("s"))
        try await socket.send(.request())
        #expect(try await socket.receiveResponse().status == 200)
        run.cancel()
        try await run.value
        #expect(await socket.endsSoon())
        // A server that was stopped does not start again.
        try await server.run()
    }
}
