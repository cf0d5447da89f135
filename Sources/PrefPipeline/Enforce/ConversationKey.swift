import ChatWire

/// What a request that carries a conversation on names it by, as a hash with this process's own seed.
struct ConversationKey: Hashable {
    private let hash: Int

    private init(_ kind: Int, _ id: String) {
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(id)
        hash = hasher.finalize()
    }

    /// Tokens that came with the answer (Ollama).
    init(context: TokenList, in text: Span<UInt8>) {
        var hasher = Hasher()
        context.hash(in: text, into: &hasher)
        hash = hasher.finalize()
    }

    /// An answer's id (Responses).
    static func response(_ id: String) -> ConversationKey { ConversationKey(0, id) }

    /// A conversation's id (Responses).
    static func conversation(_ id: String) -> ConversationKey { ConversationKey(1, id) }
}
