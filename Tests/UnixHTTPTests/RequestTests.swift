import Glibc
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import UnixHTTP

/// What a well-behaved client can count on.
@Suite(.timeLimit(.minutes(2)))
struct RequestTests {
    @Test("a request is answered, and the connection kept for the next")
    func keepAlive() async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            for index in 1...3 {
                try await socket.send(
                    .request("POST /\(index)?q HTTP/1.1", "Content-Length: 3", body: "abc")
                )
                let response = try await socket.receiveResponse()
                #expect(response.statusLine == "HTTP/1.1 200 OK")
                #expect(response.bodyText == "POST /\(index)?q abc")
                #expect(response.fields["connection"] == nil)
            }
        }
    }

    @Test("a request that arrives one byte at a time is the same request")
    func oneByteAtATime() async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            let chunked = String.request(
                "POST /slow HTTP/1.1",
                "Transfer-Encoding: chunked",
                body: "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n"
            )
            for byte in chunked.utf8 { try await socket.send([byte]) }
            #expect(try await socket.receiveResponse().bodyText == "POST /slow abcde")
        }
    }

    @Test("pipelined requests are answered one after the other, in order")
    func pipelining() async throws {
        let running = Happening()
        try await TestServer.run(respond: { request, response in
            if request.path == "/1" { try await Task.sleep(for: .milliseconds(50)) }
            running.happen()
            try await TestServer.echo(request, response)
        }) { server in
            let socket = try await server.connect()
            let requests = (1...20).map { String.request("GET /\($0) HTTP/1.1") }
            try await socket.send(requests.joined())
            for index in 1...20 {
                #expect(try await socket.receiveResponse().bodyText == "GET /\(index) ")
            }
        }
    }

    @Test("what is read ahead of a running exchange is bounded")
    func boundedReadAhead() async throws {
        let release = Happening()
        try await TestServer.run(respond: { request, response in
            if request.path == "/first" { await release.wait() }
            try await response.send(
                .ok,
                body: ByteBuffer(string: String(request.body.readableBytes))
            )
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request("GET /first HTTP/1.1"))
            let size = 8 << 20
            let sent = Happening()
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await socket.send(
                        .request("POST /second HTTP/1.1", "Content-Length: \(size)")
                    )
                    try await socket.send([UInt8](repeating: 120, count: size))
                    sent.happen()
                }
                try await Task.sleep(for: .milliseconds(300))
                #expect(sent.count == 0, "8 MiB were read while another exchange ran")
                release.happen()
                #expect(try await socket.receiveResponse().status == 200)
                #expect(try await socket.receiveResponse().bodyText == String(size))
                try await group.waitForAll()
            }
        }
    }

    @Test("a body of 32 MiB arrives whole, with a length and in chunks", arguments: [true, false])
    func largeBody(chunked: Bool) async throws {
        try await TestServer.run(respond: { request, response in
            let isWhole = request.body == ByteBuffer(repeating: 7, count: 32 << 20)
            try await response.send(.ok, body: ByteBuffer(string: "\(isWhole)"))
        }) { server in
            let socket = try await server.connect()
            let size = 32 << 20
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            try await socket.send(
                .request(
                    "POST / HTTP/1.1",
                    chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(size)"
                )
            )
            for _ in 0..<32 {
                if chunked { try await socket.send("100000\r\n") }
                try await socket.send(piece)
                if chunked { try await socket.send("\r\n") }
            }
            if chunked { try await socket.send("0\r\n\r\n") }
            #expect(try await socket.receiveResponse().bodyText == "true")
        }
    }

    @Test("HEAD gets the head of GET's answer and no body")
    func head() async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            try await socket.send(.request("HEAD /x HTTP/1.1"))
            let response = try await socket.receiveResponse(toHEAD: true)
            #expect(response.fields["content-length"] == "8")
            try await socket.send(.request("GET /y HTTP/1.1"))
            #expect(try await socket.receiveResponse().bodyText == "GET /y ")
        }
    }

    @Test("204 and 304 have no body, whatever is written")
    func bodiless() async throws {
        try await TestServer.run(respond: { request, response in
            try await response.begin(request.path == "/204" ? .noContent : .notModified)
            try await response.write(ByteBuffer(string: "nothing of this"))
            try await response.finish()
        }) { server in
            let socket = try await server.connect()
            for status in [204, 304] {
                try await socket.send(.request("GET /\(status) HTTP/1.1"))
                let response = try await socket.receiveResponse()
                #expect(response.status == status)
                #expect(response.fields["transfer-encoding"] == nil)
                #expect(response.fields["content-length"] == nil)
            }
        }
    }

    @Test("HTTP/1.0 gets no chunks, and closes unless it asks to stay")
    func http10() async throws {
        try await TestServer.run(respond: { request, response in
            if request.path == "/stream" {
                try await response.begin(.ok)
                try await response.write(ByteBuffer(string: "one "))
                try await response.write(ByteBuffer(string: "two"))
                try await response.finish()
            } else {
                try await TestServer.echo(request, response)
            }
        }) { server in
            let kept = try await server.connect()
            try await kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let first = try await kept.receiveResponse()
            #expect(first.fields["connection"] == "keep-alive")
            try await kept.send("GET /b HTTP/1.0\r\n\r\n")
            let second = try await kept.receiveResponse()
            #expect(second.fields["connection"] == "close")
            #expect(await kept.endsSoon())

            let streamed = try await server.connect()
            try await streamed.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let response = try await streamed.receiveResponse()
            #expect(response.fields["transfer-encoding"] == nil)
            #expect(response.bodyText == "one two")
        }
    }

    @Test("Connection: close is obeyed, and what follows it is not answered")
    func connectionClose() async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            try await socket.send(.request("GET /a HTTP/1.1", "Connection: close") + .request())
            let response = try await socket.receiveResponse()
            #expect(response.fields["connection"] == "close")
            #expect(try await socket.receiveToEnd().isEmpty)
        }
    }

    @Test("Expect: 100-continue is answered before the body")
    func expectContinue() async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            try await socket.send(
                .request("PUT /e HTTP/1.1", "Expect: 100-Continue", "Content-Length: 2")
            )
            #expect(try await socket.receiveResponse().statusLine == "HTTP/1.1 100 Continue")
            try await socket.send("ok")
            #expect(try await socket.receiveResponse().bodyText == "PUT /e ok")
        }
    }

    @Test("100 Continue never overtakes the answer to an earlier request")
    func expectContinueInOrder() async throws {
        let release = Happening()
        try await TestServer.run(respond: { request, response in
            if request.path == "/1" { await release.wait() }
            try await TestServer.echo(request, response)
        }) { server in
            let socket = try await server.connect()
            try await socket.send(
                .request("GET /1 HTTP/1.1")
                    + .request("PUT /2 HTTP/1.1", "Expect: 100-continue", "Content-Length: 2")
            )
            await #expect(throws: RawSocket.Failure.timedOut) {
                try await socket.receive(within: .milliseconds(100))
            }
            release.happen()
            #expect(try await socket.receiveResponse().bodyText == "GET /1 ")
            #expect(try await socket.receiveResponse().status == 100)
            try await socket.send("ok")
            #expect(try await socket.receiveResponse().bodyText == "PUT /2 ok")
        }
    }

    @Test("the peer is known from the kernel")
    func peerCredentials() async throws {
        try await TestServer.run(respond: { request, response in
            let peer = request.peer
            try await response.send(
                .ok,
                body: ByteBuffer(string: "\(peer.uid) \(peer.gid) \(peer.pid)")
            )
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request())
            let text = try await socket.receiveResponse().bodyText
            #expect(text == "\(getuid()) \(getgid()) \(getpid())")
            #expect(server.server.connectionsByUID == [getuid(): 1])
        }
    }

    @Test("who answers is settled once for each connection, by its peer")
    func responderForPeer() async throws {
        let asked = Mutex<[PeerCredentials]>([])
        let directory = try TemporaryDirectory()
        let server = HTTPServer(address: .path(directory.file("s"), mode: 0o600)) { peer in
            asked.withLock { $0.append(peer) }
            return ClosureResponder(onRequest: TestServer.echo)
        }
        try await server.listen()
        let run = Task { try await server.run() }
        for _ in 0..<2 {
            let socket = try await RawSocket.connect(to: directory.file("s"))
            for _ in 0..<3 {
                try await socket.send(.request())
                #expect(try await socket.receiveResponse().status == 200)
            }
        }
        let peer = PeerCredentials(uid: getuid(), gid: getgid(), pid: getpid())
        #expect(asked.withLock { $0 } == [peer, peer])
        server.beginShutdown(grace: .zero)
        try await run.value
    }

    @Test("an upgrade that is not granted is ignored, and the connection closed after the answer")
    func ignoredUpgrade() async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            try await socket.send(
                .request(
                    "POST /h2c HTTP/1.1",
                    "Connection: Upgrade, HTTP2-Settings",
                    "Upgrade: h2c",
                    "Content-Length: 3",
                    body: "abc"
                )
            )
            let response = try await socket.receiveResponse()
            #expect(response.bodyText == "POST /h2c abc")
            #expect(response.fields["connection"] == "close")
            #expect(await socket.endsSoon())
        }
    }
}
