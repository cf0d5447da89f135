/// The members that every chunk of one stream has in common, as raw JSON, taken from the backend.
struct ChunkEnvelope: Sendable {
    /// A backend's value longer than this is not repeated.
    private static let longestValue = 256

    private var id: [UInt8] = []
    private var created: [UInt8] = []
    private var model: [UInt8] = []
    private var fingerprint: [UInt8] = []

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

    /// A chunk for one choice, as JSON.
    ///
    /// `delta` and `finishReason` are JSON values.
    func chunk(choice: Int, delta: [UInt8], finishReason: StaticString) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + delta.count)
        bytes.append("{\"id\":")
        bytes.append(contentsOf: id.isEmpty ? Array("\"chatcmpl-prefd\"".utf8) : id)
        bytes.append(",\"object\":\"chat.completion.chunk\",\"created\":")
        bytes.append(contentsOf: created.isEmpty ? [UInt8(ascii: "0")] : created)
        bytes.append(",\"model\":")
        bytes.append(contentsOf: model.isEmpty ? Array("\"\"".utf8) : model)
        if !fingerprint.isEmpty {
            bytes.append(",\"system_fingerprint\":")
            bytes.append(contentsOf: fingerprint)
        }
        bytes.append(",\"choices\":[{\"index\":")
        bytes.append(contentsOf: String(choice).utf8)
        bytes.append(",\"delta\":")
        bytes.append(contentsOf: delta)
        bytes.append(",\"logprobs\":null,\"finish_reason\":")
        bytes.append(finishReason)
        bytes.append("}]}")
        return bytes
    }
}
