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
            through: response
        )
    }

    static func send(
        status: Int,
        code: String,
        message: String,
        hint: String,
        through response: ResponseWriter
    ) async throws {
        let envelope = APIErrorEnvelope(error: APIError(code: code, message: message, hint: hint))
        try await response.send(
            HTTPResponseStatus(statusCode: status),
            headers: ["content-type": "application/json"],
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
            default: .unreadable(status: Int(fault.status.code), message: fault.message)
            }
    }
}
