internal import NIOCore
internal import NIOHTTP1
internal import UnixHTTP

/// Passes requests of loopback apps on to prefd's data socket, where they count as this user's.
///
/// What is passed on is what came, but for what proves the app to the bridge; answers pass through as
/// they arrive.
struct BridgeResponder: HTTPResponder {
    let token: BridgeToken
    let socket: String
    let client: HTTPClient

    /// prefd has its own limits on how long a model may take: the bridge only waits longer than they do.
    private static let timeouts: ClientTimeouts = {
        var timeouts = ClientTimeouts()
        timeouts.firstByte = .seconds(90_000)
        timeouts.idle = .seconds(90_000)
        return timeouts
    }()

    func respond(to request: HTTPRequest, through response: ResponseWriter) async throws {
        guard Self.namesLoopback(request.headers.first(name: "host")) else {
            return try await refuse(
                .misdirectedRequest,
                "wrong_host",
                "This is the bridge to prefd, for apps of this machine: call it 127.0.0.1 or localhost.",
                request,
                response
            )
        }
        guard shows(token, request.headers) else {
            return try await refuse(
                .unauthorized,
                "bad_token",
                "The bridge's token is missing or wrong: give it as the API key.",
                request,
                response
            )
        }
        try await pass(request, response)
    }

    private func pass(_ request: HTTPRequest, _ response: ResponseWriter) async throws {
        var headers = request.headers
        for name in Self.keptBack { headers.remove(name: name) }
        let outgoing = ClientRequest(
            method: request.method,
            target: request.path + (request.query.map { "?" + $0 } ?? ""),
            headers: headers,
            body: request.body
        )
        let answer: ClientResponse
        do throws(ClientError) {
            answer = try await client.send(
                outgoing,
                to: .unix(path: socket),
                timeouts: Self.timeouts
            )
        } catch {
            if case .cancelled = error { throw CancellationError() }
            return try await refuse(
                .badGateway,
                "prefd_unreachable",
                "prefd cannot be reached at \(socket): is it running?",
                request,
                response
            )
        }
        let body = answer.body
        defer { body.cancel() }
        try await response.begin(answer.status, headers: answer.headers)
        var parts = body.makeAsyncIterator()
        // An answer that breaks off throws here, and is never ended as if it were whole.
        while let part = try await parts.next(isolation: nil) { try await response.write(part) }
        try await response.finish()
    }

    /// What is between the app and the bridge alone.
    private static let keptBack = [
        "host", "authorization", "x-api-key", "api-key", "expect", "connection", "keep-alive",
        "proxy-connection", "te", "upgrade",
    ]

    /// A page on the web that has its name lead to 127.0.0.1 still says its own name here.
    static func namesLoopback(_ host: String?) -> Bool {
        guard let host = host?.lowercased() else { return false }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1]"].contains(String(name))
    }

    private func shows(_ token: BridgeToken, _ headers: HTTPHeaders) -> Bool {
        let bearers = headers["authorization"].compactMap { value -> String? in
            let words = value.split(separator: " ")
            guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
            return String(words[1])
        }
        return (bearers + headers["x-api-key"] + headers["api-key"]).contains(where: token.admits)
    }

    /// An error in the envelope of the API that the path belongs to.
    private func refuse(
        _ status: HTTPResponseStatus,
        _ code: String,
        _ message: String,
        _ request: HTTPRequest,
        _ response: ResponseWriter
    ) async throws {
        let body: String
        if request.path.hasPrefix("/api/") {
            body = #"{"error":"\#(message)"}"#
        } else {
            let type = status == .unauthorized ? "authentication_error" : "api_error"
            body =
                #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)","#
                + #""param":null,"code":"\#(code)"}}"#
        }
        try await response.send(
            status,
            headers: ["content-type": "application/json"],
            body: ByteBuffer(string: body)
        )
    }
}
