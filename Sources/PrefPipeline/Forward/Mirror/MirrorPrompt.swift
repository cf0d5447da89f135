import ChatWire
import FoundationEssentials
import NIOCore

/// A request of any dialect, as the prompt that a model would have received.
struct MirrorPrompt {
    /// What to answer.
    let text: String
    /// Whether the request asks for a stream; nil where it leaves that to the server.
    let stream: Bool?
    /// Whether it asks for usage at the end of a stream.
    let includesUsage: Bool
    /// How many choices it asks for, 16 at most.
    let choices: Int

    /// How many words the answer has, which pass for tokens.
    var words: Int { text.split(separator: " ").count }

    /// Token-sized pieces of the answer: a word with the space before it.
    var pieces: [String] {
        var pieces: [String] = []
        for character in text {
            if character == " " || pieces.isEmpty { pieces.append("") }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }

    /// Reads a body.
    ///
    /// - Throws: What decoding throws.
    init(_ body: ByteBuffer) throws {
        let request = try JSONDecoder().decode(MirrorValue.self, from: Data(body.readableBytesView))
        stream = request["stream"]?.bool
        includesUsage = request["stream_options"]?["include_usage"]?.bool ?? false
        choices = max(1, min(request["n"]?.integer ?? 1, 16))
        let turns = Self.turns(request).map { "[\($0.role)]\n\($0.text)" }
        text =
            "prefd-mirror is not a model. This is the prompt as a model would have received it:\n\n"
            + Self.marked(turns.joined(separator: "\n\n"))
    }

    /// The block with its fixed words marked as shown here: the shipped rules take a block that comes
    /// back out of a prompt from every answer, and this one is meant to be seen.
    private static func marked(_ text: String) -> String {
        text.replacing(
            PreferenceBlock.opening,
            with: PreferenceBlock.opening.dropLast() + " shown-by=\"\(Mirror.model)\">"
        )
        .replacing(Block.charter, with: Block.charter.dropLast() + " (shown by \(Mirror.model)).")
    }

    /// The turns, whichever dialect's members hold them.
    private static func turns(_ request: MirrorValue) -> [(role: String, text: String)] {
        var turns: [(role: String, text: String)] = []
        for key in ["system", "instructions"] {
            guard let system = request[key], system != .null else { continue }
            turns.append((key, system.shown))
        }
        for key in ["messages", "input"] {
            switch request[key] {
            case .array(let items):
                turns += items.map { item in
                    let name = item["role"] ?? item["type"]
                    return (name?.string ?? "?", (item["content"] ?? .null).shown)
                }
            case .string(let text): turns.append(("user", text))
            default: break
            }
        }
        if let prompt = request["prompt"], prompt != .null { turns.append(("user", prompt.shown)) }
        return turns
    }
}

/// A JSON value, as loosely as the mirror reads it.
enum MirrorValue: Decodable, Equatable {
    case object([String: MirrorValue])
    case array([MirrorValue])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let array = try? container.decode([MirrorValue].self) {
            self = .array(array)
        } else if let object = try? container.decode([String: MirrorValue].self) {
            self = .object(object)
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .null
        }
    }

    subscript(key: String) -> MirrorValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var string: String? { if case .string(let string) = self { string } else { nil } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }

    /// A content as text: of parts the text is shown, and the rest is named.
    var shown: String {
        switch self {
        case .string(let text): text
        case .array(let parts): parts.map(\.shown).joined(separator: "\n")
        case .object: self["text"]?.string ?? "(\(self["type"]?.string ?? "object"))"
        case .number(let number): String(Int(exactly: number) ?? 0)
        case .bool, .null: ""
        }
    }
}
