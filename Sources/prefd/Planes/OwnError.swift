import NIOCore
import NIOHTTP1
import PrefControl
import PrefModel
import PrefPipeline
import UnixHTTP

/// Errors in the envelope of prefd's own API, for what is refused before the API is reached.
enum OwnError {
    static func send(_ refusal: Refusal, through response: ResponseWriter) async throws {
        try await send(
            status: refusal.status,
            code: refusal.code,
            message: refusal.message,
            hint: "See the API's documentation.",
            retryAfter: refusal.retryAfter,
            through: response
        )
    }

    static func send(
        status: Int,
        code: String,
        message: String,
        hint: String,
        retryAfter: Int? = nil,
        through response: ResponseWriter
    ) async throws {
        var headers: HTTPHeaders = ["content-type": "application/json"]
        if let retryAfter { headers.add(name: "retry-after", value: String(retryAfter)) }
        let envelope = APIErrorEnvelope(error: APIError(code: code, message: message, hint: hint))
        try await response.send(
            HTTPResponseStatus(statusCode: status),
            headers: headers,
            body: ByteBuffer(bytes: try PrefJSON.encode(envelope))
        )
    }
}

extension Refusal {
    /// A request that never became whole, in the pipeline's words.
    init(_ fault: RequestFault) {
        self =
            switch fault {
            case .bodyTooLarge(let limit): .tooLarge(limitBytes: limit)
            case .headersTooLarge: .headersTooLarge
            case .upgradeRequested: .upgrade
            case .tooManyConnections, .tooManyBytesInHand: .overloaded(message: fault.message)
            default: .unreadable(status: Int(fault.status.code), message: fault.message)
            }
    }
}
