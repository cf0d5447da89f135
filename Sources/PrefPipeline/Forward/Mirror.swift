import ChatWire
import FoundationEssentials
import NIOCore
import NIOHTTP1
import PrefModel

/// The built-in backend for a machine without a model: it answers with the prompt as a model would
/// have received it, and says so.
///
/// It speaks OpenAI Chat, streamed and not; its only model is named `prefd-mirror`, and it answers
/// to every name.
public enum Mirror {
    /// The name of its model.
    public static let model = "prefd-mirror"

    /// The backend as the router sees it.
    public static let backend = Backend(
        name: "mirror",
        authority: "localhost",
        families: [.openai],
        models: [.any]
    )

    private struct Prompt: Decodable {
        struct Message: Decodable {
            let role: String
            let content: Content?
        }
        /// A string, or parts of which the text is shown and the rest is named.
        enum Content: Decodable {
            case text(String)
            case parts([Part])

            struct Part: Decodable {
                let type: String
                let text: String?
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .parts(try container.decode([Part].self))
                }
            }

            var shown: String {
                switch self {
                case .text(let text): text
                case .parts(let parts):
                    parts.map { $0.text ?? "(\($0.type))" }.joined(separator: "\n")
                }
            }
        }
        struct StreamOptions: Decodable {
            let include_usage: Bool?
        }
        let messages: [Message]
        let stream: Bool?
        let stream_options: StreamOptions?
        let n: Int?
    }

    private struct Answer: Encodable {
        struct Delta: Encodable {
            var role: String?
            var content: String?
        }
        struct Choice: Encodable {
            let index: Int
            var message: Delta?
            var delta: Delta?
            var finish_reason: String?
        }
        struct Usage: Encodable {
            let prompt_tokens: Int
            let completion_tokens: Int
            let total_tokens: Int
        }
        let id = "chatcmpl-prefd-mirror"
        let object: String
        let created = 0
        let model = Mirror.model
        let choices: [Choice]
        var usage: Usage?
    }

    /// Answers one request.
    static func answer(_ request: ForwardRequest) throws -> ForwardResponse {
        switch (request.method, request.target.prefix { $0 != "?" }) {
        case ("POST", "/v1/chat/completions"): return try chat(request.body)
        case ("GET", "/v1/models"):
            let list = #"{"object":"list","data":[\#(card)]}"#
            return whole(200, Data(list.utf8))
        case ("GET", let path) where path == "/v1/models/\(model)":
            return whole(200, Data(card.utf8))
        default:
            let error =
                #"{"error":{"message":"prefd-mirror, the built-in backend, has no model behind it: it answers chat completions only. Configure a backend.","type":"invalid_request_error","param":null,"code":"mirror_only"}}"#
            return whole(404, Data(error.utf8))
        }
    }

    private static let card = #"{"id":"\#(model)","object":"model","created":0,"owned_by":"prefd"}"#

    private static func chat(_ body: ByteBuffer) throws -> ForwardResponse {
        let prompt = try JSONDecoder().decode(Prompt.self, from: Data(body.readableBytesView))
        let text = shown(prompt)
        let choices = max(1, min(prompt.n ?? 1, 16))
        let words = text.split(separator: " ").count
        let usage = Answer.Usage(
            prompt_tokens: words,
            completion_tokens: words,
            total_tokens: 2 * words
        )
        guard prompt.stream == true else {
            let all = (0..<choices).map {
                Answer.Choice(
                    index: $0,
                    message: .init(role: "assistant", content: text),
                    finish_reason: "stop"
                )
            }
            return whole(
                200,
                try encode(Answer(object: "chat.completion", choices: all, usage: usage))
            )
        }
        var events: [ByteBuffer] = []
        func event(_ choices: [Answer.Choice], usage: Answer.Usage? = nil) throws {
            let json = try encode(
                Answer(object: "chat.completion.chunk", choices: choices, usage: usage)
            )
            events.append(ByteBuffer(bytes: Data("data: ".utf8) + json + Data("\n\n".utf8)))
        }
        for index in 0..<choices {
            try event([.init(index: index, delta: .init(role: "assistant", content: ""))])
            for piece in pieces(of: text) {
                try event([.init(index: index, delta: .init(content: piece))])
            }
            try event([.init(index: index, delta: .init(), finish_reason: "stop")])
        }
        if prompt.stream_options?.include_usage == true { try event([], usage: usage) }
        events.append(ByteBuffer(string: "data: [DONE]\n\n"))
        return ForwardResponse(
            status: 200,
            headers: ["content-type": "text/event-stream"],
            nextChunk: sequence(events)
        )
    }

    private static func shown(_ prompt: Prompt) -> String {
        let turns = prompt.messages.map { "[\($0.role)]\n\($0.content?.shown ?? "")" }
        return
            "prefd-mirror is not a model. This is the prompt as a model would have received it:\n\n"
            + marked(turns.joined(separator: "\n\n"))
    }

    /// The block with its fixed words marked as shown here: the shipped rules take a block that comes
    /// back out of a prompt from every answer, and this one is meant to be seen.
    private static func marked(_ text: String) -> String {
        text.replacing(
            PreferenceBlock.opening,
            with: PreferenceBlock.opening.dropLast() + " shown-by=\"\(model)\">"
        )
        .replacing(Block.charter, with: Block.charter.dropLast() + " (shown by \(model)).")
    }

    /// Token-sized pieces: a word with the space before it.
    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        for character in text {
            if character == " " || pieces.isEmpty { pieces.append("") }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }

    private static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    private static func whole(_ status: Int, _ json: Data) -> ForwardResponse {
        ForwardResponse(
            status: status,
            headers: ["content-type": "application/json"],
            nextChunk: sequence([ByteBuffer(bytes: json)])
        )
    }

    private static func sequence(_ pieces: [ByteBuffer]) -> @Sendable () async throws -> ByteBuffer?
    {
        let rest = PieceQueue(pieces)
        return { await rest.next() }
    }
}

/// Hands out pieces one by one.
private actor PieceQueue {
    private var pieces: ArraySlice<ByteBuffer>

    init(_ pieces: [ByteBuffer]) { self.pieces = pieces[...] }

    func next() -> ByteBuffer? { pieces.popFirst() }
}

/// An upstream that serves the mirror itself and leaves every other backend to another.
public struct MirrorUpstream<Other: Upstream>: Upstream {
    private let other: Other

    /// Puts the mirror in front of the upstream that reaches real backends.
    public init(before other: Other) { self.other = other }

    /// Answers for the mirror; passes everything else on.
    public func exchange<Outcome: Sendable>(
        _ request: ForwardRequest,
        with backend: Backend,
        _ consume: @Sendable (ForwardResponse) async throws -> Outcome
    ) async throws -> Outcome {
        guard backend == Mirror.backend else {
            return try await other.exchange(request, with: backend, consume)
        }
        let answer: ForwardResponse
        do {
            answer = try Mirror.answer(request)
        } catch {
            throw UpstreamFailure.broken("the mirror could not read the request")
        }
        return try await consume(answer)
    }
}
