import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import UnixHTTP

/// A client that goes away, reads slowly, or closes half of its connection.
@Suite(.timeLimit(.minutes(2)))
struct DisconnectTests {
    /// Where the handler is when its client leaves.
    enum Stage: String, CaseIterable, Sendable {
        case beforeHead
        case betweenChunks
        case inBlockedWrite
    }

    @Test("a client that goes away cancels the handler at once", arguments: Stage.allCases)
    func cancels(at stage: Stage) async throws {
        let isThere = Happening()
        let isCancelled = Happening()
        try await TestServer.run(respond: { _, response in
            try await withTaskCancellationHandler {
                if stage != .beforeHead {
                    try await response.begin(.ok)
                    try await response.write(ByteBuffer(string: "first"))
                }
                isThere.happen()
                if stage == .inBlockedWrite {
                    while true { try await response.write(ByteBuffer(repeating: 1, count: 65536)) }
                }
                try await Task.sleep(for: .seconds(60))
            } onCancel: {
                isCancelled.happen()
            }
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request())
            await isThere.wait()
            if stage == .inBlockedWrite { try await Task.sleep(for: .milliseconds(50)) }
            socket.close()
            await isCancelled.wait()
            #expect(try await eventually { server.server.connectionsByUID.isEmpty })
        }
    }

    @Test("a client that leaves with more requests in the pipe cancels the first, starts no other")
    func cancelsPipeline() async throws {
        let isThere = Happening()
        let isCancelled = Happening()
        try await TestServer.run(respond: { _, _ in
            isThere.happen()
            try await withTaskCancellationHandler {
                try await Task.sleep(for: .seconds(60))
            } onCancel: {
                isCancelled.happen()
            }
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request() + .request() + .request("GET /part"))
            await isThere.wait()
            socket.close()
            await isCancelled.wait()
            #expect(try await eventually { server.server.connectionsByUID.isEmpty })
            #expect(isThere.count == 1)
        }
    }

    @Test("a client that only stops sending still gets its answers")
    func halfClose() async throws {
        try await TestServer.run(respond: { request, response in
            try await response.begin(.ok)
            for index in 0..<5 {
                try await Task.sleep(for: .milliseconds(20))
                try Task.checkCancellation()
                try await response.write(ByteBuffer(string: "\(request.path)\(index) "))
            }
            try await response.finish()
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request("GET /a HTTP/1.1") + .request("GET /b HTTP/1.1"))
            socket.shutdownWriting()
            for path in ["/a", "/b"] {
                let text = try await socket.receiveResponse().bodyText
                #expect(text == (0..<5).map { "\(path)\($0) " }.joined())
            }
            #expect(await socket.endsSoon())
        }
    }

    @Test("a half-closed client that then goes away cancels the handler")
    func halfCloseThenClose() async throws {
        let isThere = Happening()
        let isCancelled = Happening()
        try await TestServer.run(respond: { _, _ in
            isThere.happen()
            try await withTaskCancellationHandler {
                try await Task.sleep(for: .seconds(60))
            } onCancel: {
                isCancelled.happen()
            }
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request())
            socket.shutdownWriting()
            await isThere.wait()
            try await Task.sleep(for: .milliseconds(50))
            #expect(isCancelled.count == 0)
            socket.close()
            await isCancelled.wait()
        }
    }

    @Test("a request cut short by a half-close is refused, not handled")
    func halfCloseInsideRequest() async throws {
        try await TestServer.run { server in
            for part in ["GET / HT", .request("POST / HTTP/1.1", "Content-Length: 5", body: "abc")]
            {
                let socket = try await server.connect()
                try await socket.send(part)
                socket.shutdownWriting()
                #expect(try await socket.receiveResponse().status == 400)
                #expect(await socket.endsSoon())
            }
        }
    }

    @Test(
        "after the answer is finished, the client may leave without cancelling what is left to do"
    )
    func finishesAfterAnswer() async throws {
        let isClosed = Happening()
        let outcome = Mutex<Bool?>(nil)
        let isDone = Happening()
        try await TestServer.run(respond: { request, response in
            try await TestServer.echo(request, response)
            await isClosed.wait()
            try? await Task.sleep(for: .milliseconds(100))
            outcome.withLock { $0 = Task.isCancelled }
            isDone.happen()
        }) { server in
            let socket = try await server.connect()
            try await socket.send(.request())
            #expect(try await socket.receiveResponse().status == 200)
            socket.close()
            isClosed.happen()
            await isDone.wait()
            #expect(outcome.withLock { $0 } == false)
        }
    }

    @Test("a slow reader stops its own writer within bounds, and nobody else")
    func slowReader() async throws {
        let written = Mutex(0)
        let total = 16 << 20
        try await TestServer.run(respond: { request, response in
            guard request.path == "/stream" else {
                return try await TestServer.echo(request, response)
            }
            try await response.begin(.ok)
            let chunk = ByteBuffer(repeating: 97, count: 16384)
            for _ in 0..<(total / 16384) {
                try await response.write(chunk)
                written.withLock { $0 += 16384 }
            }
            try await response.finish()
        }) { server in
            let slow = try await server.connect()
            try await slow.send(.request("GET /stream HTTP/1.1"))
            #expect(
                try await eventually {
                    let before = written.withLock { $0 }
                    try await Task.sleep(for: .milliseconds(100))
                    return before > 0 && written.withLock { $0 } == before
                }
            )
            let last = written.withLock { $0 }
            // What the kernel holds for the socket (net.core.wmem_default) comes on top.
            #expect(last < 256 * 1024 + 512 * 1024)

            let quick = try await server.connect()
            for _ in 0..<10 {
                try await quick.send(.request())
                #expect(try await quick.receiveResponse().status == 200)
            }
            #expect(written.withLock { $0 } == last)
            let response = try await slow.receiveResponse()
            #expect(response.body.count == total)
        }
    }

    @Test("the last bytes reach a slow reader although the connection closes after them")
    func lastBytesBeforeClose() async throws {
        let size = 4 << 20
        try await TestServer.run(respond: { _, response in
            try await response.send(.ok, body: ByteBuffer(repeating: 98, count: size))
        }) { server in
            for half in [false, true] {
                let socket = try await server.connect()
                try await socket.send(.request("GET / HTTP/1.1", "Connection: close"))
                if half { socket.shutdownWriting() }
                try await Task.sleep(for: .milliseconds(50))
                #expect(try await socket.receiveResponse().body.count == size)
                #expect(await socket.endsSoon())
            }
        }
    }
}
