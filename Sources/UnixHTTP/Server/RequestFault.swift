public import NIOHTTP1

/// Why a request never reached its handler.
///
/// The connection is closed after the answer, since where the next request would begin is unknown
/// or no longer of interest.
public enum RequestFault: Error, Sendable, Hashable {
    /// The bytes are not a request of HTTP/1.0 or 1.1.
    case malformed(String)
    /// The body is larger than the limit.
    case bodyTooLarge(limitBytes: Int)
    /// The head is larger than the limit, or has too many fields.
    case headersTooLarge(limitBytes: Int)
    /// The client asked to leave HTTP, by `Upgrade: websocket` or `CONNECT`.
    case upgradeRequested(String)
    /// The client used a part of HTTP that this server does not have.
    case unsupported(String)
    /// `Expect` asks for something other than `100-continue`.
    case expectationFailed
    /// The client took too long to send its request.
    case timedOut
    /// The peer's uid has as many connections as it may have.
    case tooManyConnectionsOfUser(limit: Int)
    /// The server has as many connections as it may have.
    case tooManyConnections(limit: Int)
    /// The server has as much of request bodies in hand as it may have.
    case tooManyBytesInHand

    /// The status to answer with.
    public var status: HTTPResponseStatus {
        switch self {
        // An upgrade that will never be granted is the client's mistake: as 501 it would be
        // retried by the SDKs.
        case .malformed, .upgradeRequested: .badRequest
        case .bodyTooLarge: .payloadTooLarge
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .unsupported: .notImplemented
        case .expectationFailed: .expectationFailed
        case .timedOut: .requestTimeout
        case .tooManyConnectionsOfUser: .tooManyRequests
        case .tooManyConnections, .tooManyBytesInHand: .serviceUnavailable
        }
    }

    /// What was wrong and what to do, for the person who runs the client.
    public var message: String {
        switch self {
        case .malformed(let reason):
            "The request is not valid HTTP/1.1: \(reason)."
        case .bodyTooLarge(let limit):
            "The request body is larger than \(limit) bytes, which is the limit here."
        case .headersTooLarge(let limit):
            "The request head is larger than \(limit) bytes or has too many fields."
        case .upgradeRequested(let name):
            "Switching to \(name) is not supported here: send plain HTTP/1.1 requests."
        case .unsupported(let what):
            "The request uses \(what), which is not supported here."
        case .expectationFailed:
            "The only expectation met here is 100-continue."
        case .timedOut:
            "The request did not arrive in time. Send it again, without pauses."
        case .tooManyConnectionsOfUser(let limit):
            "This user has \(limit) connections open, the most allowed. Close some, or reuse them."
        case .tooManyConnections(let limit):
            "The server has \(limit) connections open, the most it takes. Try again later."
        case .tooManyBytesInHand:
            "Large requests that are running take all the memory there is for them. Try again in a moment."
        }
    }
}
