import FoundationEssentials
public import NIOCore

/// A refusal in the words of a dialect, so that its SDKs raise their own typed exceptions.
public enum ErrorEnvelope {
    private struct OpenAI: Encodable {
        struct Detail: Encodable {
            let message: String
            let type: String
            let param: String?
            let code: String

            // `param` is written as null where there is none, as the real API does.
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(message, forKey: .message)
                try container.encode(type, forKey: .type)
                try container.encode(param, forKey: .param)
                try container.encode(code, forKey: .code)
            }

            private enum CodingKeys: String, CodingKey { case message, type, param, code }
        }
        let error: Detail
    }

    private struct Anthropic: Encodable {
        struct Detail: Encodable {
            let type: String
            let message: String
        }
        let type = "error"
        let error: Detail
    }

    private struct Ollama: Encodable {
        let error: String
    }

    /// The envelope's JSON.
    public static func body(of refusal: Refusal, in family: APIFamily) -> ByteBuffer {
        let type = errorType(refusal.status)
        let data: Data?
        switch family {
        case .openai:
            data = try? encode(
                OpenAI(
                    error: .init(
                        message: refusal.message,
                        type: type,
                        param: refusal.parameter,
                        code: refusal.code
                    )
                )
            )
        case .anthropic:
            data = try? encode(Anthropic(error: .init(type: type, message: refusal.message)))
        case .ollama:
            data = try? encode(Ollama(error: refusal.message))
        }
        // Strings always encode; were that ever to fail, the status still tells.
        return ByteBuffer(bytes: data ?? Data(#"{"error":{}}"#.utf8))
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

    private static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
