internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import UnixHTTP

/// Carries requests to prefd over a Unix socket.
///
/// Each request has a connection of its own: prefctl makes one or two and ends.
public struct ControlTransport: ControlExchange {
    /// The longest answer that is taken, in bytes: an export of many years fits.
    private static let longestAnswerBytes = 256 << 20

    /// The socket's path.
    public let socket: String

    /// Sends to the socket of this path.
    public init(socket: String) { self.socket = socket }

    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: ``ControlFailure``.
    public func send(_ request: ControlRequest) async throws(ControlFailure) -> ControlResponse {
        guard socket.hasPrefix("/"), socket.utf8.count <= 107 else {
            throw .unreachable(
                socket: socket,
                reason: "a socket's path is absolute and has at most 107 bytes"
            )
        }
        do {
            return try await HTTPClient.withOwnEventLoop { client in
                let response = try await client.send(
                    outgoing(request),
                    to: .unix(path: socket),
                    timeouts: request.patience.map { ClientTimeouts(firstByte: $0) }
                )
                let body = try await response.body.collect(upTo: Self.longestAnswerBytes)
                return ControlResponse(
                    status: Int(response.status.code),
                    headers: response.headers.map { ($0.name, $0.value) },
                    body: Array(body.readableBytesView)
                )
            }
        } catch {
            throw failure(error)
        }
    }

    private func outgoing(_ request: ControlRequest) -> ClientRequest {
        var headers = HTTPHeaders(request.headers)
        headers.replaceOrAdd(name: "user-agent", value: "prefctl/\(PrefdVersion.current)")
        headers.replaceOrAdd(name: "accept", value: "application/json")
        return ClientRequest(
            method: HTTPMethod(rawValue: request.method),
            target: request.target,
            headers: headers,
            body: request.body.map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
        )
    }

    private func failure(_ error: any Error) -> ControlFailure {
        switch error as? ClientError {
        case .connectFailed?, .connectTimedOut?: unconnected
        case .malformedResponse(let reason)?: .notPrefd(socket: socket, reason: reason)
        case let error?: .unreachable(socket: socket, reason: error.description)
        case nil: .unreachable(socket: socket, reason: "the connection failed")
        }
    }

    /// Why nobody could be connected to, as far as the file itself tells.
    private var unconnected: ControlFailure {
        // SAFETY: access only reads the path, which is passed as a C string for the call's time.
        if unsafe access(socket, R_OK | W_OK) == 0 {
            return .unreachable(socket: socket, reason: "nobody listens there")
        }
        if errno == EACCES { return .forbidden(socket: socket) }
        return .unreachable(socket: socket, reason: "there is no such socket")
    }
}
