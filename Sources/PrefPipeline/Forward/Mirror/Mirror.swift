import ChatWire
import NIOCore
import PrefModel

/// The built-in backend for a machine without a model: it answers with the prompt as a model would
/// have received it, and says so.
///
/// It speaks all dialects, streamed and not; its only model is named `prefd-mirror`, and it answers
/// to every name.
public enum Mirror {
    /// The name of its model.
    public static let model = "prefd-mirror"

    /// The backend as the router sees it.
    public static let backend = Backend(
        name: "mirror",
        authority: "localhost",
        families: Set(APIFamily.allCases),
        models: [.any]
    )

    /// Answers one request.
    ///
    /// - Throws: What decoding the body throws, where it is not JSON.
    static func answer(_ request: ForwardRequest) throws -> ForwardResponse {
        let path = String(request.target.prefix { $0 != "?" })
        switch (request.method, path) {
        case ("POST", "/v1/chat/completions"): return chat(try read(request))
        case ("POST", "/v1/completions"): return completion(try read(request))
        case ("POST", "/v1/responses"): return response(try read(request))
        case ("POST", "/v1/messages"): return message(try read(request))
        case ("POST", "/v1/messages/count_tokens"):
            return .json(200, #"{"input_tokens":\#(try read(request).words)}"#)
        case ("POST", "/api/chat"): return ollama(try read(request), .chat)
        case ("POST", "/api/generate"): return ollama(try read(request), .generate)
        case ("GET", "/v1/models"):
            return .json(200, #"{"object":"list","data":[\#(card)],"has_more":false}"#)
        case ("GET", "/v1/models/\(model)"): return .json(200, card)
        case ("GET", "/api/tags"): return .json(200, #"{"models":[\#(ollamaCard)]}"#)
        case ("GET", "/api/ps"): return .json(200, #"{"models":[]}"#)
        case ("GET", "/api/version"): return .json(200, #"{"version":"0.0.0-\#(model)"}"#)
        case ("POST", "/api/show"): return .json(200, ollamaDescription)
        default:
            let error = Endpoint.family(of: path).dialect.errorBody(
                message:
                    "prefd-mirror, the built-in backend, has no model behind it: it answers "
                    + "conversations only. Configure a backend.",
                type: "invalid_request_error",
                code: "mirror_only"
            )
            return .json(404, String(decoding: error, as: UTF8.self))
        }
    }

    private static func read(_ request: ForwardRequest) throws -> MirrorPrompt {
        try MirrorPrompt(request.body)
    }

    /// The model as OpenAI's and Anthropic's lists describe one.
    private static let card =
        #"{"id":"\#(model)","object":"model","created":0,"owned_by":"prefd","type":"model","#
        + #""display_name":"\#(model)","created_at":"1970-01-01T00:00:00Z"}"#
}
