import ChatWire
public import NIOCore

/// A refusal in the words of a dialect, so that its SDKs raise their own typed exceptions.
public enum ErrorEnvelope {
    /// The envelope's JSON.
    public static func body(of refusal: Refusal, in family: APIFamily) -> ByteBuffer {
        ByteBuffer(
            bytes: family.dialect.errorBody(
                message: refusal.message,
                type: errorType(refusal.status),
                param: refusal.parameter,
                code: refusal.code
            )
        )
    }

    private static func errorType(_ status: Int) -> String {
        switch status {
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }
}
