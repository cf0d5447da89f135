import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import UnixHTTP

/// What the client does with servers that behave.
@Suite(.timeLimit(.minutes(2)))
struct ClientTests {
    let backend: ScriptedBackend
    var endpoint: Endpoint { backend.endpoint }

    init() throws {
        backend = try ScriptedBackend()
    }

    func get(_ client: HTTPClient, _ target: String = "/") async throws -> String {
        let response = try await client.send(ClientRequest(target: target), to: endpoint)
        return String(buffer: try await response.body.collect(upTo: 1 << 20))
    }

    @Test("a request arrives as it was meant, with the framing that it needs")
    func requestOnTheWire() async throws {
        try await backend.serving { backend in
            let socket = try await backend.accept()
            #expect(
                try await socket.receiveRequest()
                    == "POST /v1/x?y=z HTTP/1.1\r\nhost: localhost\r\n"
                    + "X-A: b\r\ncontent-length: 3\r\n\r\nabc"
            )
            try await socket.send(RawSocket.okResponse)
            #expect(try await socket.receiveRequest() == "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            try await socket.send(RawSocket.okResponse)
        } whileClient: { client throws in
            let request = ClientRequest(
                method: .POST,
                target: "/v1/x?y=z",
                headers: ["X-A": "b", "Connection": "close", "Transfer-Encoding": "chunked"],
                body: ByteBuffer(string: "abc")
            )
            let response = try await client.send(request, to: endpoint)
            #expect(response.status == .ok)
            #expect(String(buffer: try await response.body.collect(upTo: 2)) == "ok")
            let second = ClientRequest(target: "/", headers: ["Host": "h"])
            _ = try await client.send(second, to: endpoint).body.collect(upTo: 2)
        }
    }

    @Test("a connection is kept for the next request, and taken back only when the body is read")
    func keepsConnections() async throws {
        try await TestServer.run { server in
            let client = HTTPClient()
            let endpoint = Endpoint.unix(path: server.path)
            for _ in 0..<5 {
                let response = try await client.send(ClientRequest(target: "/"), to: endpoint)
                _ = try await response.body.collect(upTo: 100)
                #expect(client.idleConnections == 1)
            }
            #expect(server.server.connectionsByUID.values.reduce(0, +) == 1)
            await client.shutDown()
            #expect(client.idleConnections == 0)
            await #expect(throws: ClientError.shutDown) {
                try await client.send(ClientRequest(target: "/"), to: endpoint)
            }
        }
    }

    @Test("many requests at once each get their own answer")
    func concurrency() async throws {
        try await TestServer.run { server in
            let client = HTTPClient()
            let endpoint = Endpoint.unix(path: server.path)
            try await withThrowingTaskGroup { group in
                for task in 0..<32 {
                    group.addTask {
                        for index in 0..<20 {
                            let target = "/\(task)/\(index)"
                            let response = try await client.send(
                                ClientRequest(target: target),
                                to: endpoint
                            )
                            let body = try await response.body.collect(upTo: 100)
                            #expect(String(buffer: body) == "GET \(target) ")
                        }
                    }
                }
                try await group.waitForAll()
            }
            await client.shutDown()
        }
    }

    @Test("informational answers are skipped, and bodiless ones have no body")
    func interimAndBodiless() async throws {
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                    + "HTTP/1.1 204 No Content\r\n\r\n"
            )
            try await socket.receiveRequest()
            // Whatever the server calls it.
            try await socket.send("HTTP/1.1 204 All Quiet\r\n\r\n")
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
            #expect(await socket.endsSoon())
        } whileClient: { client throws in
            for (method, status) in [
                (HTTPMethod.GET, 204), (.GET, 204), (.GET, 304), (.HEAD, 200),
            ] {
                let response = try await client.send(
                    ClientRequest(method: method, target: "/"),
                    to: endpoint
                )
                #expect(response.status.code == status)
                #expect(try await response.body.collect(upTo: 0).readableBytes == 0)
            }
            #expect(client.idleConnections == 1)
        }
    }

    @Test("a body comes in the parts in which it was sent, also one that only the close ends")
    func streams() async throws {
        let received = Mutex(0)
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for index in 1...3 {
                try await socket.send("4\r\nab\(index)\n\r\n")
                #expect(try await eventually { received.withLock { $0 } == index })
            }
            try await socket.send("0\r\nTrailer: x\r\n\r\n")
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.0 200 OK\r\n\r\nuntil ")
            try await socket.send("close")
            socket.close()
        } whileClient: { client throws in
            let response = try await client.send(ClientRequest(target: "/"), to: endpoint)
            var parts: [String] = []
            for try await part in response.body {
                parts.append(String(buffer: part))
                received.withLock { $0 += 1 }
            }
            #expect(parts == ["ab1\n", "ab2\n", "ab3\n"])
            #expect(try await get(client) == "until close")
        }
    }

    @Test("a slow consumer holds the server back, within bounds")
    func backPressure() async throws {
        let sent = Mutex(0)
        let total = 32 << 20
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let piece = [UInt8](repeating: 1, count: 16384)
            for _ in 0..<(total / 16384) {
                // The consumer is held up for longer than one wait of the socket's may take.
                try await socket.send(piece)
                sent.withLock { $0 += 16384 }
            }
            #expect(await socket.endsSoon())
        } whileClient: { client throws in
            let response = try await client.send(ClientRequest(target: "/"), to: endpoint)
            #expect(
                try await eventually {
                    let before = sent.withLock { $0 }
                    try await Task.sleep(for: .milliseconds(100))
                    return before > 0 && sent.withLock { $0 } == before
                }
            )
            // What the kernel holds for the socket (net.core.wmem_default) comes on top.
            #expect(sent.withLock { $0 } < 256 * 1024 + 512 * 1024)
            #expect(try await response.body.collect(upTo: total).readableBytes == total)
            #expect(client.idleConnections == 1)
        }
    }

    @Test("a body over the reader's limit is an error, and closes the connection")
    func collectLimit() async throws {
        try await backend.serving { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789")
            #expect(await socket.endsSoon())
        } whileClient: { client throws in
            let response = try await client.send(ClientRequest(target: "/"), to: endpoint)
            // Not wholly read yet: the answer is complete only where its end was seen.
            await #expect(throws: ClientError.responseTooLarge(limitBytes: 9)) {
                try await response.body.collect(upTo: 9)
            }
            await client.shutDown()
        }
    }

    @Test("an idle connection is given up after a while")
    func idleExpiry() async throws {
        var limits = ClientLimits()
        limits.idleExpiry = .milliseconds(100)
        try await backend.serving(limits: limits) { backend in
            let socket = try await backend.accept()
            try await socket.receiveRequest()
            try await socket.send(RawSocket.okResponse)
            #expect(await socket.endsSoon())
        } whileClient: { client throws in
            #expect(try await get(client) == "ok")
            #expect(try await eventually { client.idleConnections == 0 })
        }
    }

    @Test("no more idle connections are kept than the limit says")
    func idleLimit() async throws {
        var limits = ClientLimits()
        limits.maxIdlePerEndpoint = 2
        let gate = Happening()
        let client = HTTPClient(limits: limits)
        try await TestServer.run(respond: { request, response in
            await gate.wait()
            try await TestServer.echo(request, response)
        }) { server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<5 {
                    group.addTask {
                        let response = try await client.send(
                            ClientRequest(target: "/"),
                            to: .unix(path: server.path)
                        )
                        _ = try await response.body.collect(upTo: 100)
                    }
                }
                #expect(
                    try await eventually { server.server.connectionsByUID.values.first == 5 }
                )
                gate.happen()
                try await group.waitForAll()
            }
            #expect(client.idleConnections == 2)
            await client.shutDown()
        }
    }

    @Test("a command-line program gets a client with a thread of its own")
    func ownEventLoop() async throws {
        try await TestServer.run { server in
            let text = try await HTTPClient.withOwnEventLoop { client in
                let response = try await client.send(
                    ClientRequest(target: "/cli"),
                    to: .unix(path: server.path)
                )
                return String(buffer: try await response.body.collect(upTo: 100))
            }
            #expect(text == "GET /cli ")
        }
    }

    @Test("what would break the request's head is refused before anything is sent")
    func invalidRequests() async throws {
        let client = HTTPClient()
        let requests = [
            ClientRequest(target: "/a b"),
            ClientRequest(target: "/a\r\nX: y"),
            ClientRequest(target: "a"),
            ClientRequest(method: .RAW(value: "GET /"), target: "/"),
            ClientRequest(target: "/", headers: ["X": "a\r\nY: b"]),
            ClientRequest(target: "/", headers: ["X\n": "a"]),
        ]
        for request in requests {
            let error = await #expect(throws: ClientError.self) {
                try await client.send(request, to: endpoint)
            }
            guard case .invalidRequest? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }
}
