import ChatWire
import NIOHTTP1

/// The API family whose envelope and shapes an endpoint uses.
public enum APIFamily: String, Sendable, CaseIterable, Codable {
    case openai, anthropic, ollama
}

extension APIFamily {
    /// The family that a dialect belongs to.
    init(_ dialect: Dialect) {
        self =
            switch dialect {
            case .openAIChat, .openAICompletions, .openAIResponses: .openai
            case .anthropicMessages: .anthropic
            case .ollamaChat, .ollamaGenerate: .ollama
            }
    }

    /// A dialect of the family, for what is the same in all of them: the envelope of errors.
    var dialect: Dialect {
        switch self {
        case .openai: .openAIChat
        case .anthropic: .anthropicMessages
        case .ollama: .ollamaChat
        }
    }
}

/// What prefd does with a path.
///
/// Whatever is not listed here is refused: model text never leaves by a door that no rule watches.
enum Endpoint: Equatable {
    /// Answers with model text: personalized and enforced.
    case generating(Dialect)
    /// Known to answer without model text: passes through untouched.
    case passThrough(APIFamily)

    /// The endpoint of a method and path, or nil.
    ///
    /// A path that two families have is told apart by `speaksAnthropic`.
    static func of(method: String, path: String, speaksAnthropic: Bool = false) -> Endpoint? {
        switch (method, path) {
        case ("POST", "/v1/chat/completions"): .generating(.openAIChat)
        case ("POST", "/v1/completions"): .generating(.openAICompletions)
        case ("POST", "/v1/responses"): .generating(.openAIResponses)
        case ("POST", "/v1/messages"): .generating(.anthropicMessages)
        case ("POST", "/api/chat"): .generating(.ollamaChat)
        case ("POST", "/api/generate"): .generating(.ollamaGenerate)
        case ("GET", _) where speaksAnthropic && isModels(path): .passThrough(.anthropic)
        case ("GET", _) where isModels(path): .passThrough(.openai)
        case ("POST", "/v1/embeddings"), ("POST", "/v1/moderations"),
            ("POST", "/tokenize"), ("POST", "/detokenize"):
            .passThrough(.openai)
        case ("POST", "/v1/messages/count_tokens"): .passThrough(.anthropic)
        case ("GET", "/api/tags"), ("POST", "/api/show"), ("GET", "/api/ps"),
            ("GET", "/api/version"),
            ("POST", "/api/embed"), ("POST", "/api/embeddings"):
            .passThrough(.ollama)
        default: nil
        }
    }

    /// The list of models, or one of them.
    private static func isModels(_ path: String) -> Bool {
        path == "/v1/models"
            || (path.hasPrefix("/v1/models/") && path.utf8.count > 11 && !climbs(path))
    }

    /// Whether a server that resolves `..` might read another path in it, which nothing watches.
    private static func climbs(_ path: String) -> Bool {
        var plain = path.lowercased()
        // Some servers decode twice.
        while plain.contains("%25") { plain = plain.replacing("%25", with: "%") }
        for (code, mark) in [("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("%3b", ";"), ("\\", "/")] {
            plain = plain.replacing(code, with: mark)
        }
        return plain.split(separator: "/").contains { segment in
            let name = segment.prefix { $0 != ";" }
            return name == "." || name == ".."
        }
    }

    /// A served path as it may be written down: without the part that is the client's own text.
    static func pattern(of path: String) -> String {
        path.hasPrefix("/v1/models/") ? "/v1/models/{id}" : path
    }

    /// The family of a path, also of one that is refused, so that its error has the right envelope.
    static func family(of path: String, speaksAnthropic: Bool = false) -> APIFamily {
        if path.hasPrefix("/api/") { return .ollama }
        if path.hasPrefix("/v1/messages") { return .anthropic }
        return speaksAnthropic && isModels(path) ? .anthropic : .openai
    }
}

extension IncomingRequest {
    /// What prefd does with it; nil where it serves no such path.
    var endpoint: Endpoint? {
        Endpoint.of(method: method, path: path, speaksAnthropic: speaksAnthropic)
    }

    /// The family in whose words an error is told.
    var family: APIFamily { Endpoint.family(of: path, speaksAnthropic: speaksAnthropic) }

    /// Whether the client is one of Anthropic's, by the header that each of its requests must have;
    /// asked only of methods without a body, since all other paths tell it by themselves.
    private var speaksAnthropic: Bool {
        method == "GET" && headers.contains(name: "anthropic-version")
    }
}
