import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import UnixHTTP

/// What an ill-behaved client can count on: an answer, a close, and nothing else.
@Suite(.timeLimit(.minutes(2)))
struct FaultTests {
    @Test("is refused, never handled, and closes the connection", arguments: MalformedRequest.all)
    func malformed(_ malformed: MalformedRequest) async throws {
        let handled = Happening()
        try await TestServer.run(respond: { request, response in
            handled.happen()
            try await TestServer.echo(request, response)
        }) { server in
            // Whole, and a byte at a time: the parser must not see a difference.
            for inPieces in [false, true] {
                let socket = try await server.connect()
                if inPieces {
                    // The server may close as soon as it has seen enough.
                    for byte in malformed.bytes.utf8 { try? await socket.send([byte]) }
                } else {
                    try await socket.send(malformed.bytes)
                }
                let response = try await socket.receiveResponse()
                #expect(response.status == malformed.status)
                #expect(response.fields["connection"] == "close")
                socket.shutdownWriting()
                #expect(await socket.endsSoon())
            }
            #expect(handled.count == 0)
        }
    }

    @Test(
        "any Host will do",
        arguments: [
            "Host: example.org:8080", "Host:", "Host: [::1]", "Host: a_b", "Host: localhost",
        ]
    )
    func anyHost(field: String) async throws {
        try await TestServer.run { server in
            let socket = try await server.connect()
            try await socket.send("GET / HTTP/1.1\r\n\(field)\r\n\r\n")
            #expect(try await socket.receiveResponse().status == 200)
        }
    }

    @Test("a target may be absolute, and OPTIONS may ask about everything")
    func targets() async throws {
        try await TestServer.run(respond: { request, response in
            try await response.send(.ok, body: ByteBuffer(string: request.path))
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request("GET http://h.example/a/b?c HTTP/1.1"))
            #expect(try await socket.receiveResponse().bodyText == "/a/b")
            try await socket.send(.request("OPTIONS * HTTP/1.1"))
            #expect(try await socket.receiveResponse().bodyText == "*")
        }
    }

    @Test("a request behind a fault is not handled, and earlier ones are answered first")
    func faultInPipeline() async throws {
        let paths = Mutex<[String]>([])
        try await TestServer.run(respond: { request, response in
            paths.withLock { $0.append(request.path) }
            try await TestServer.echo(request, response)
        }) { server in
            let socket = try await server.connect()
            try await socket.send(
                .request("GET /1 HTTP/1.1")
                    + .request("GET /bad HTTP/1.1", "Host: y")
                    + .request("GET /3 HTTP/1.1")
            )
            #expect(try await socket.receiveResponse().bodyText == "GET /1 ")
            let fault = try await socket.receiveResponse()
            #expect(fault.status == 400)
            #expect(fault.fields["x-path"] == "/bad")
            socket.shutdownWriting()
            #expect(await socket.endsSoon())
            #expect(paths.withLock { $0 } == ["/1"])
        }
    }

    @Test("a declared body over the limit is refused before it is sent")
    func declaredTooLarge() async throws {
        var limits = ServerLimits()
        limits.maxBodyBytes = 1000
        try await TestServer.run(limits: limits) { server in
            for fields in [
                ["Content-Length: 1001"], ["Content-Length: 1001", "Expect: 100-continue"],
            ] {
                let socket = try await server.connect()
                try await socket.send(
                    "POST /big HTTP/1.1\r\nHost: x\r\n" + fields.joined(separator: "\r\n")
                        + "\r\n\r\n"
                )
                let response = try await socket.receiveResponse()
                #expect(response.status == 413)
                #expect(response.fields["x-path"] == "/big")
            }
            let fits = try await server.connect()
            try await fits.send(
                .request(
                    "POST / HTTP/1.1",
                    "Content-Length: 1000",
                    body: String(repeating: "x", count: 1000)
                )
            )
            #expect(try await fits.receiveResponse().status == 200)
        }
    }

    @Test("a client that sends its large body to the end still reads the 413")
    func tooLargeWhileSending() async throws {
        var limits = ServerLimits()
        limits.maxBodyBytes = 1 << 20
        try await TestServer.run(limits: limits) { server in
            let socket = try await server.connect()
            try await socket.send(.request("POST / HTTP/1.1", "Content-Length: \(16 << 20)"))
            try await socket.send([UInt8](repeating: 1, count: 16 << 20))
            #expect(try await socket.receiveResponse().status == 413)
            #expect(await socket.endsSoon())
        }
    }

    @Test("chunks obey the limit of the body")
    func chunksTooLarge() async throws {
        var limits = ServerLimits()
        limits.maxBodyBytes = 1000
        let handled = Happening()
        try await TestServer.run(
            limits: limits,
            respond: { request, response in
                handled.happen()
                try await TestServer.echo(request, response)
            }
        ) { server in
            let socket = try await server.connect()
            try await socket.send(.request("POST / HTTP/1.1", "Transfer-Encoding: chunked"))
            for _ in 0..<11 {
                try await socket.send("64\r\n" + String(repeating: "x", count: 100) + "\r\n")
            }
            try await socket.send("0\r\n\r\n")
            #expect(try await socket.receiveResponse().status == 413)
            #expect(handled.count == 0)
        }
    }

    @Test("a head of 100 KB passes where the limit allows it, and one over it is 431")
    func headers() async throws {
        try await TestServer.run { server in
            let passes = try await server.connect()
            let large = String(repeating: "v", count: 99_000)
            try await passes.send(.request("GET / HTTP/1.1", "X: \(large)"))
            #expect(try await passes.receiveResponse().status == 200)

            let many = (0..<1100).map { "X-\($0): \(String(repeating: "v", count: 100))\r\n" }
            let single = "X: \(large)\(large)\r\n"
            for fields in [many.joined(), single] {
                let fails = try await server.connect()
                try await fails.send("GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n")
                #expect(try await fails.receiveResponse().status == 431)
            }
        }
    }

    @Test("a head that does not come to its end is 408")
    func headerTimeout() async throws {
        var limits = ServerLimits()
        limits.headerTimeout = .milliseconds(100)
        try await TestServer.run(limits: limits) { server in
            let socket = try await server.connect()
            try await socket.send("GET / HTTP/1.1\r\nHos")
            #expect(try await socket.receiveResponse().status == 408)
        }
    }

    @Test("a body that pauses is 408, one that only takes long is not")
    func bodyTimeout() async throws {
        var limits = ServerLimits()
        limits.bodyIdleTimeout = .milliseconds(400)
        try await TestServer.run(limits: limits) { server in
            let steady = try await server.connect()
            try await steady.send(.request("POST / HTTP/1.1", "Content-Length: 8"))
            for _ in 0..<8 {
                try await Task.sleep(for: .milliseconds(80))
                try await steady.send("x")
            }
            #expect(try await steady.receiveResponse().status == 200)

            let pausing = try await server.connect()
            try await pausing.send(.request("POST / HTTP/1.1", "Content-Length: 8", body: "x"))
            #expect(try await pausing.receiveResponse().status == 408)
        }
    }

    @Test("a connection that asks nothing is closed, one whose exchange is running is not")
    func idleTimeout() async throws {
        var limits = ServerLimits()
        limits.keepAliveIdle = .milliseconds(400)
        limits.headerTimeout = .milliseconds(400)
        try await TestServer.run(
            limits: limits,
            respond: { request, response in
                try await Task.sleep(for: .seconds(1))
                try await TestServer.echo(request, response)
            }
        ) { server in
            let silent = try await server.connect()
            #expect(await silent.endsSoon())
            let asking = try await server.connect()
            try await asking.send(.request())
            #expect(try await asking.receiveResponse().status == 200)
            #expect(try await asking.receiveToEnd().isEmpty)
        }
    }

    @Test("a user's connections are limited, and the one too many is told so")
    func connectionLimit() async throws {
        var limits = ServerLimits()
        limits.maxConnectionsPerUser = 2
        let faults = Mutex<[RequestFault]>([])
        try await TestServer.run(
            limits: limits,
            onFault: { fault in faults.withLock { $0.append(fault) } }
        ) { server in
            let first = try await server.connect()
            let second = try await server.connect()
            for socket in [first, second] {
                try await socket.send(.request())
                #expect(try await socket.receiveResponse().status == 200)
            }
            let third = try await server.connect()
            try await third.send(.request())
            #expect(try await third.receiveResponse().status == 429)
            #expect(faults.withLock { $0 } == [.tooManyConnectionsOfUser(limit: 2)])
            third.close()
            first.close()
            #expect(
                try await eventually {
                    let fourth = try await server.connect()
                    try await fourth.send(.request())
                    return try await fourth.receiveResponse().status == 200
                }
            )
        }
    }

    @Test("a responder that throws gives a 500, and one that throws in its answer no end")
    func throwingResponder() async throws {
        struct Failure: Error {}
        try await TestServer.run(respond: { request, response in
            if request.path == "/late" {
                try await response.begin(.ok)
                try await response.write(ByteBuffer(string: "abc"))
            }
            if request.path == "/short" {
                try await response.begin(.ok, headers: ["content-length": "5"])
                try await response.write(ByteBuffer(string: "abc"))
                try await response.finish()
            }
            if request.path == "/abort" {
                try await response.begin(.ok)
                try await response.write(ByteBuffer(string: "abc"))
                response.abort()
                return
            }
            throw Failure()
        }) { server in
            let early = try await server.connect()
            try await early.send(.request())
            #expect(try await early.receiveResponse().status == 500)
            for path in ["/late", "/abort"] {
                let late = try await server.connect()
                try await late.send(.request("GET \(path) HTTP/1.1"))
                let bytes = String(decoding: try await late.receiveToEnd(), as: UTF8.self)
                #expect(bytes.hasSuffix("3\r\nabc\r\n"))
            }
            let short = try await server.connect()
            try await short.send(.request("GET /short HTTP/1.1"))
            let bytes = String(decoding: try await short.receiveToEnd(), as: UTF8.self)
            #expect(bytes.hasSuffix("\r\n\r\nabc"))
        }
    }

    @Test("an answer cannot smuggle a line into its head")
    func responseSplitting() async throws {
        try await TestServer.run(respond: { _, response in
            await #expect(throws: ResponseWriteError.unwritableField(name: "x-a")) {
                try await response.send(.ok, headers: ["x-a": "b\r\nset-cookie: c"])
            }
            await #expect(throws: ResponseWriteError.notFinal(status: 102)) {
                try await response.begin(.processing)
            }
            await #expect(throws: ResponseWriteError.notBegun) {
                try await response.write(ByteBuffer(string: "x"))
            }
            try await response.begin(.ok, headers: ["content-length": "2"])
            await #expect(throws: ResponseWriteError.alreadyBegun) { try await response.begin(.ok) }
            await #expect(throws: ResponseWriteError.lengthMismatch(declared: 2, written: 3)) {
                try await response.write(ByteBuffer(string: "abc"))
            }
            try await response.write(ByteBuffer(string: "ab"))
            try await response.finish()
            await #expect(throws: ResponseWriteError.alreadyEnded) { try await response.finish() }
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request())
            #expect(try await socket.receiveResponse().bodyText == "ab")
        }
    }
}
