import Synchronization
import UnixHTTP

/// A server that says exactly what a test scripts, one connection after the other.
struct ScriptedBackend: Sendable {
    let endpoint: Endpoint
    private let listener: RawSocket
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let path = directory.file("b")
        listener = try RawSocket.listen(at: path)
        endpoint = .unix(path: path)
    }

    func accept(within timeout: Duration = .seconds(10)) async throws -> RawSocket {
        try await listener.accept(within: timeout)
    }

    /// Runs a script beside the body, and expects both to end well.
    func serving(
        limits: ClientLimits = ClientLimits(),
        _ script: @escaping @Sendable (ScriptedBackend) async throws -> Void,
        whileClient body: (HTTPClient) async throws -> Void
    ) async throws {
        let client = HTTPClient(limits: limits)
        try await withThrowingTaskGroup { group in
            group.addTask { try await script(self) }
            do {
                try await body(client)
            } catch {
                await client.shutDown()
                group.cancelAll()
                throw error
            }
            await client.shutDown()
            try await group.waitForAll()
        }
    }
}

extension RawSocket {
    /// Reads one request's head, and as much body as it declares.
    @discardableResult
    func receiveRequest() async throws -> String {
        var text = ""
        while !text.hasSuffix("\r\n\r\n") {
            text += String(decoding: try await receiveExactly(1), as: UTF8.self)
        }
        if let field = text.lowercased().firstRange(of: "content-length: ") {
            let length = Int(text[field.upperBound...].prefix { $0.isNumber }) ?? 0
            text += String(decoding: try await receiveExactly(length), as: UTF8.self)
        }
        return text
    }

    static let okResponse = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
}
