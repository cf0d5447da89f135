import Glibc
import NIOCore
import NIOHTTP1
import Testing
import UnixHTTP

/// How a server takes its socket, and how it gives it back.
@Suite(.timeLimit(.minutes(2)))
struct ListeningTests {
    let directory: TemporaryDirectory
    var path: String { directory.file("s") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    func server(at path: String? = nil, mode: mode_t = 0o600) -> HTTPServer {
        HTTPServer(
            address: .path(path ?? self.path, mode: mode),
            responder: ClosureResponder(onRequest: TestServer.echo)
        )
    }

    func mode(of path: String) -> mode_t? {
        var information = stat()
        // lstat(2) fills in the one structure that it is given.
        guard unsafe lstat(path, &information) == 0 else { return nil }
        return information.st_mode
    }

    @Test("the socket has exactly the mode that was asked for", arguments: [0o600, 0o666, 0o660])
    func exactMode(mode: mode_t) async throws {
        let server = server(mode: mode)
        try await server.listen()
        #expect(self.mode(of: path) == S_IFSOCK | mode)
        server.beginShutdown(grace: .zero)
        #expect(self.mode(of: path) == nil)
    }

    @Test("a socket that a dead server left behind is replaced")
    func staleSocket() async throws {
        try RawSocket.listen(at: path).close()
        #expect(mode(of: path) != nil)
        let server = server()
        try await server.listen()
        let run = Task { try await server.run() }
        let socket = try await RawSocket.connect(to: path)
        try await socket.send(.request())
        #expect(try await socket.receiveResponse().status == 200)
        server.beginShutdown(grace: .zero)
        try await run.value
    }

    @Test("a live server's socket is refused, and stays whole")
    func liveSocket() async throws {
        let first = server()
        try await first.listen()
        let error = await #expect(throws: ListenError.anotherProcessIsServing(path: path)) {
            try await server().listen()
        }
        #expect(error?.description.contains("another process is serving on \(path)") == true)
        let run = Task { try await first.run() }
        let socket = try await RawSocket.connect(to: path)
        try await socket.send(.request())
        #expect(try await socket.receiveResponse().status == 200)
        first.beginShutdown(grace: .zero)
        try await run.value
    }

    @Test("of many that start at once on a stale socket, one serves and the others are refused")
    func racingStarts() async throws {
        try RawSocket.listen(at: path).close()
        let servers = (0..<8).map { _ in server() }
        let started = await withTaskGroup { group in
            for server in servers {
                group.addTask { (try? await server.listen()) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(started == 1)
        for server in servers { server.beginShutdown(grace: .zero) }
    }

    @Test("what is not a socket is never removed")
    func notASocket() async throws {
        // Creates an empty file.
        Glibc.close(unsafe open(path, O_CREAT | O_WRONLY, 0o600))
        await #expect(throws: ListenError.notASocket(path: path)) { try await server().listen() }
        #expect(mode(of: path) == S_IFREG | 0o600)
    }

    @Test("a missing directory and a path too long are said to be so")
    func badPaths() async throws {
        let missing = directory.file("no/s")
        await #expect(
            throws: ListenError.directoryMissing(path: missing, directory: directory.file("no"))
        ) { try await server(at: missing).listen() }
        let long = directory.file(String(repeating: "x", count: 120))
        await #expect(throws: ListenError.pathTooLong(path: long)) {
            try await server(at: long).listen()
        }
    }

    @Test("at the end the socket is removed only while it is still this server's")
    func removesOnlyItsOwn() async throws {
        let server = server()
        try await server.listen()
        unsafe unlink(path)
        let successor = try RawSocket.listen(at: path)
        server.beginShutdown(grace: .zero)
        #expect(mode(of: path) != nil)
        successor.close()
    }

    @Test("an inherited socket is served, and its file left where it is")
    func inherited() async throws {
        let listener = try RawSocket.listen(at: path)
        // systemd keeps the original; the server gets a descriptor of its own.
        let server = HTTPServer(
            address: .inherited(fileDescriptor: dup(listener.descriptor)),
            responder: ClosureResponder(onRequest: TestServer.echo)
        )
        try await server.listen()
        let run = Task { try await server.run() }
        let socket = try await RawSocket.connect(to: path)
        try await socket.send(.request())
        #expect(try await socket.receiveResponse().status == 200)
        socket.close()
        server.beginShutdown(grace: .seconds(5))
        try await run.value
        #expect(mode(of: path) != nil)

        // The next one takes over, with whoever connected in between.
        let waiting = try await RawSocket.connect(to: path)
        try await waiting.send(.request("GET /next HTTP/1.1"))
        let next = HTTPServer(
            address: .inherited(fileDescriptor: dup(listener.descriptor)),
            responder: ClosureResponder(onRequest: TestServer.echo)
        )
        let nextRun = Task { try await next.run() }
        #expect(try await waiting.receiveResponse().bodyText == "GET /next ")
        next.beginShutdown(grace: .zero)
        try await nextRun.value
    }

    @Test("a descriptor that is not a listening Unix socket is refused")
    func inheritedNonsense() async throws {
        let tcp = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        Glibc.listen(tcp, 1)
        let unconnected = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        for descriptor in [tcp, unconnected, 9999] {
            let server = HTTPServer(
                address: .inherited(fileDescriptor: descriptor),
                responder: ClosureResponder(onRequest: TestServer.echo)
            )
            await #expect(throws: ListenError.notAListeningUnixSocket(fileDescriptor: descriptor)) {
                try await server.listen()
            }
        }
        Glibc.close(tcp)
        Glibc.close(unconnected)
    }
}
