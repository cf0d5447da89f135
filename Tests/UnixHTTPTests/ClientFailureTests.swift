import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing
import UnixHTTP

/// What the client does with servers that fail, and with callers that change their mind.
@Suite(.timeLimit(.minutes(2)))
struct ClientFailureTests {
    let backend: ScriptedBackend
    var endpoint: Endpoint { backend.endpoint }

    init() throws {
        backend = try ScriptedBackend()
    }

    func send(
        _ client: HTTPClient,
        body: String = "",
        timeouts: ClientTimeouts? = nil
    ) async throws -> String {
        let response = try await client.send(
            ClientRequest(method: .POST, target: "/", body: ByteBuffer(string: body)),
            to: endpoint,
            timeouts: timeouts
        )
        return String(buffer: try await response.body.collect(upTo: 1 << 20))
    }

    @Test("a kept connection that the server closed is replaced, with nothing sent on it")
    func closedWhileIdle() async throws {
        let closed = Mutex(0)
        try await backend.serving { backend in
            for _ in 0..<20 {
                let socket = try await backend.accept()
                try await socket.receiveRequest()
                try await socket.send(RawSocket.okResponse)
                socket.close()
                closed.withLock { $0 += 1 }
            }
        } whileClient: { client throws in
            for index in 1...20 {
                #expect(try await send(client, body: "x") == "ok")
                // Right after the close, and so at times before the event loop has heard of it.
                while closed.withLock({ $0 }) < index { await Task.yield() }
            }
        }
    }

    @Test("a request that was sent is never sent again")
    func neverTwice() async throws {
        let seen = Mutex(0)
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send(RawSocket.okResponse)
            try await socket.receiveRequest()
            seen.withLock { $0 += 1 }
            socket.close()
            await #expect(throws: RawSocket.Failure.timedOut) {
                try await backend.accept(within: .milliseconds(300))
            }
        } whileClient: { client throws in
            #expect(try await send(client) == "ok")
            let error = await #expect(throws: ClientError.closedBeforeResponse) {
                try await send(client, body: "x")
            }
            #expect(error?.nothingWasSent == false)
        }
        #expect(seen.withLock { $0 } == 1)
    }

    @Test(
        "a body cut short is an error, never an end",
        arguments: [
            "Content-Length: 10\r\n\r\n012345678",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n0\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n012",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n0",
        ]
    )
    func truncated(rest: String) async throws {
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 200 OK\r\n" + rest)
            socket.close()
        } whileClient: { client throws in
            let response = try await client.send(ClientRequest(target: "/"), to: endpoint)
            await #expect(throws: ClientError.truncated) {
                try await response.body.collect(upTo: 100)
            }
            // Asked again, it does not change its mind.
            await #expect(throws: ClientError.truncated) {
                try await response.body.collect(upTo: 100)
            }
            #expect(client.idleConnections == 0)
        }
    }

    @Test(
        "what is not HTTP is said to be so",
        arguments: [
            "hello", "HTTP/1.1 200 OK\r\nContent-Length: x",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x",
            "HTTP/1.1 200 OK\r\nX: large",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked",
        ]
    )
    func malformed(head: String) async throws {
        let large = String(repeating: "v", count: 200_000)
        let text = head.replacing("large", with: large) + "\r\n\r\n0\r\n\r\n"
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try? await socket.send(text)
            #expect(await socket.endsSoon())
        } whileClient: { client throws in
            let error = await #expect(throws: ClientError.self) { try await send(client) }
            guard case .malformedResponse? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("an answer that comes before the whole request was read is still an answer")
    func earlyAnswer() async throws {
        try await backend.serving { backend in
            let socket = try await backend.accept()
            _ = try await socket.receiveExactly(100)
            try await socket.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            #expect(await socket.endsSoon() || true)
            socket.close()
        } whileClient: { client throws in
            let response = try await client.send(
                ClientRequest(
                    method: .POST,
                    target: "/",
                    body: ByteBuffer(repeating: 1, count: 8 << 20)
                ),
                to: endpoint
            )
            #expect(response.status.code == 413)
            #expect(String(buffer: try await response.body.collect(upTo: 10)) == "no")
            #expect(client.idleConnections == 0)
        }
    }

    /// Where the caller is when its task is cancelled.
    enum Stage: CaseIterable, Sendable {
        case beforeHead
        case inBody
    }

    @Test("cancelling the task closes the connection at once", arguments: Stage.allCases)
    func cancellation(at stage: Stage) async throws {
        let isThere = Happening()
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            if stage == .inBody {
                try await socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
            } else {
                isThere.happen()
            }
            #expect(await socket.endsSoon())
        } whileClient: { client throws in
            let task = Task {
                let response = try await client.send(ClientRequest(target: "/"), to: endpoint)
                for try await _ in response.body { isThere.happen() }
            }
            await isThere.wait()
            task.cancel()
            await #expect(throws: ClientError.cancelled) { try await task.value }
        }
    }

    @Test("a body that nobody reads any more closes its connection")
    func droppedBody() async throws {
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
            #expect(await socket.endsSoon())
        } whileClient: { client throws in
            _ = try await client.send(ClientRequest(target: "/"), to: endpoint).status
        }
    }

    @Test("each phase has its own time limit")
    func timeouts() async throws {
        let hasty = ClientTimeouts(firstByte: .milliseconds(100))
        let timeouts = ClientTimeouts(idle: .milliseconds(400))
        try await backend.serving { backend in
            let silent = try await backend.accept()
            try await silent.receiveRequest()
            #expect(await silent.endsSoon())

            // A stream may take much longer than any of its pauses.
            let steady = try await backend.accept()
            try await steady.receiveRequest()
            try await steady.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            for _ in 0..<10 {
                try await steady.send("x")
                try await Task.sleep(for: .milliseconds(80))
            }
            try await steady.receiveRequest()
            try await steady.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            #expect(await steady.endsSoon())
        } whileClient: { client throws in
            await #expect(throws: ClientError.firstByteTimedOut(after: .milliseconds(100))) {
                try await send(client, timeouts: hasty)
            }
            #expect(try await send(client, timeouts: timeouts) == "xxxxxxxxxx")
            await #expect(throws: ClientError.idleTimedOut(after: .milliseconds(400))) {
                try await send(client, timeouts: timeouts)
            }
        }
    }

    @Test("a slow consumer does not make the server look idle")
    func slowConsumerIsNotIdleServer() async throws {
        let total = 4 << 20
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            try await socket.send([UInt8](repeating: 1, count: total))
        } whileClient: { client throws in
            let response = try await client.send(
                ClientRequest(target: "/"),
                to: endpoint,
                timeouts: ClientTimeouts(idle: .milliseconds(200))
            )
            try await Task.sleep(for: .milliseconds(600))
            #expect(try await response.body.collect(upTo: total).readableBytes == total)
        }
    }

    @Test("a connection that cannot be made says where and why")
    func connectFailures() async throws {
        let client = HTTPClient()
        let directory = try TemporaryDirectory()
        let missing = Endpoint.unix(path: directory.file("missing"))
        await #expect(
            throws: ClientError.connectFailed(
                endpoint: missing,
                reason: "No such file or directory"
            )
        ) { try await client.send(ClientRequest(target: "/"), to: missing) }

        // A port that was free a moment ago.
        let closed = Endpoint.http(host: "127.0.0.1", port: try await freePort())
        let error = await #expect(throws: ClientError.self) {
            try await client.send(ClientRequest(target: "/"), to: closed)
        }
        #expect(error == .connectFailed(endpoint: closed, reason: "Connection refused"))
        #expect(error?.nothingWasSent == true)

        let unknown = Endpoint.http(host: "no-such-host.invalid", port: 80)
        let lookUp = await #expect(throws: ClientError.self) {
            try await client.send(ClientRequest(target: "/"), to: unknown)
        }
        #expect(lookUp?.nothingWasSent == true)
    }

    @Test("a server whose queue of connections is full is waited for, within the time limit")
    func fullBacklog() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("full")
        let listener = try RawSocket.listen(at: path)
        listener.shrinkBacklog()
        let client = HTTPClient()
        let queued = try await RawSocket.connect(to: path)
        defer { queued.close() }
        await #expect(
            throws: ClientError.connectTimedOut(
                endpoint: .unix(path: path),
                after: .milliseconds(200)
            )
        ) {
            try await client.send(
                ClientRequest(target: "/"),
                to: .unix(path: path),
                timeouts: ClientTimeouts(connect: .milliseconds(200))
            )
        }
        let cancelled = Task {
            _ = try await client.send(ClientRequest(target: "/"), to: .unix(path: path))
        }
        try await Task.sleep(for: .milliseconds(50))
        cancelled.cancel()
        await #expect(throws: ClientError.cancelled) { try await cancelled.value }

        let task = Task {
            let response = try await client.send(
                ClientRequest(target: "/"),
                to: .unix(path: path)
            )
            return response.status
        }
        try await Task.sleep(for: .milliseconds(50))
        _ = try await listener.accept()
        let socket = try await listener.accept()
        try await socket.receiveRequest()
        try await socket.send(RawSocket.okResponse)
        #expect(try await task.value == .ok)
    }

    @Test("TCP works like a Unix socket, by address and by name")
    func tcp() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Greeter())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        let client = HTTPClient()
        for host in ["127.0.0.1", "localhost"] {
            let response = try await client.send(
                ClientRequest(target: "/"),
                to: .http(host: host, port: port)
            )
            #expect(String(buffer: try await response.body.collect(upTo: 100)) == "\(host):\(port)")
        }
        await client.shutDown()
        try await channel.close()
    }

    private func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close()
        return port
    }
}

/// Answers with the Host that was asked for.
final class Greeter: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let body = ByteBuffer(string: head.headers.first(name: "host") ?? "")
        let response = HTTPResponseHead(
            version: .http1_1,
            status: .ok,
            headers: ["content-length": String(body.readableBytes)]
        )
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
