/// A request's `messages`, as far as prefd reads them.
struct MessageList {
    /// The system and developer messages in front.
    private(set) var leading: [ChatMessage] = []
    private(set) var lastUser: ChatMessage?
    /// The texts of the user's messages before the last, the latest first; two messages at most.
    private(set) var earlierUserTexts: [[JSONStringRange]] = []
    private(set) var count = 0
    private(set) var userTurns = 0
    /// Offset behind the `[`.
    let start: Int
    /// Offset behind the `]`.
    private(set) var end: Int

    /// How many of the user's messages before the last are kept.
    static let earlierMessages = 2

    /// Reads the array at `offset`.
    ///
    /// Where results of tools are the user's messages too, only a message with some text is a turn
    /// of the user's own.
    ///
    /// - Throws: ``WireError``.
    init(
        _ body: Span<UInt8>,
        at offset: Int,
        toolResultsAreUsers: Bool = false
    ) throws(WireError) {
        guard JSON.kind(body, at: offset) == .array else {
            throw WireError("'messages' must be an array.", param: "messages")
        }
        start = offset + 1
        end = start
        var isLeading = true
        var elements = JSONElements(arrayAt: offset)
        while let element = elements.next(in: body) {
            let message = try ChatMessage(body, at: element, position: count)
            elements.resume(after: message.end)
            count += 1
            isLeading = isLeading && message.isSystem(body)
            if isLeading { leading.append(message) }
            guard message.isUser(body), !toolResultsAreUsers || !message.texts.isEmpty else {
                continue
            }
            userTurns += 1
            if let lastUser {
                earlierUserTexts.insert(lastUser.texts, at: 0)
                if earlierUserTexts.count > Self.earlierMessages { earlierUserTexts.removeLast() }
            }
            lastUser = message
        }
        end = elements.end
    }

    /// Writes down what does not depend on where the system prompt stands.
    func note(into outline: inout ChatRequestOutline) {
        outline.messageCount = count
        outline.userTurns = userTurns
        outline.lastUserMessage = lastUser?.start
        outline.lastUserTexts = lastUser?.texts ?? []
        outline.earlierUserTexts = earlierUserTexts
    }

    /// Writes down where a block goes if the system prompt is the messages in front.
    func locateBlock(_ body: Span<UInt8>, into outline: inout ChatRequestOutline) {
        SystemPrompt(leading.map(SystemPrompt.Text.init), body)
            .locate(into: &outline, otherwise: .message(at: start))
        outline.takesReminder = true
    }
}
