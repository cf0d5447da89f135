/// The members that every chunk of one stream has in common, as raw JSON, taken from the backend.
struct ChunkEnvelope: Sendable {
    /// A backend's value longer than this is not repeated.
    private static let longestValue = 256

    /// What a chunk carries, as a JSON value.
    enum Piece {
        /// A chat's `delta`.
        case delta([UInt8])
        /// A legacy completion's `text`.
        case text([UInt8])
    }

    private let form: OpenAIAnswer.Form
    private var id: [UInt8] = []
    private var created: [UInt8] = []
    private var model: [UInt8] = []
    private var fingerprint: [UInt8] = []

    init(_ form: OpenAIAnswer.Form) { self.form = form }

    /// A member that is the same in all chunks, and kept.
    enum Member { case id, created, model, fingerprint }

    /// Whether a value is the one that is kept already, as it is for all chunks but the first.
    @inline(__always)
    func holds(_ member: Member, _ text: Span<UInt8>, _ value: Range<Int>) -> Bool {
        switch member {
        case .id: text.equals(value, id)
        case .created: text.equals(value, created)
        case .model: text.equals(value, model)
        case .fingerprint: text.equals(value, fingerprint)
        }
    }

    /// Keeps a value.
    mutating func keep(_ member: Member, _ text: Span<UInt8>, _ value: Range<Int>) {
        guard value.count <= Self.longestValue else { return }
        var bytes: [UInt8] = []
        bytes.append(text, value)
        switch member {
        case .id: id = bytes
        case .created: created = bytes
        case .model: model = bytes
        case .fingerprint: fingerprint = bytes
        }
    }

    /// A kept value; nil before it was kept.
    func value(_ member: Member) -> [UInt8]? {
        let kept =
            switch member {
            case .id: id
            case .created: created
            case .model: model
            case .fingerprint: fingerprint
            }
        return kept.isEmpty ? nil : kept
    }

    /// A chunk for one choice, as JSON.
    func chunk(choice: Int, _ piece: Piece, finishReason: StaticString) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append("{\"id\":")
        bytes.append(contentsOf: value(.id) ?? Array("\"cmpl-prefd\"".utf8))
        let object: StaticString =
            form == .chat
            ? ",\"object\":\"chat.completion.chunk\",\"created\":"
            : ",\"object\":\"text_completion\",\"created\":"
        bytes.append(object)
        bytes.append(contentsOf: value(.created) ?? [UInt8(ascii: "0")])
        bytes.append(",\"model\":")
        bytes.append(contentsOf: value(.model) ?? Array("\"\"".utf8))
        if let fingerprint = value(.fingerprint) {
            bytes.append(",\"system_fingerprint\":")
            bytes.append(contentsOf: fingerprint)
        }
        bytes.append(",\"choices\":[{\"index\":")
        bytes.append(contentsOf: String(choice).utf8)
        switch piece {
        case .delta(let delta):
            bytes.append(",\"delta\":")
            bytes.append(contentsOf: delta)
        case .text(let text):
            bytes.append(",\"text\":")
            bytes.append(contentsOf: text)
        }
        bytes.append(",\"logprobs\":null,\"finish_reason\":")
        bytes.append(finishReason)
        bytes.append("}]}")
        return bytes
    }
}
