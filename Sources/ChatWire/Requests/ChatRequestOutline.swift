/// What prefd must know of a generating request, as offsets into its body and a few values.
public struct ChatRequestOutline: Sendable {
    /// The model asked for; nil where the request leaves it to the server.
    public internal(set) var model: String?
    /// Whether the answer is to be streamed.
    public internal(set) var stream = false
    /// Whether the client asked for usage at the end of the stream.
    public internal(set) var includesUsage = false
    /// How many choices were asked for.
    public internal(set) var choices = 1
    /// The app's ids for its end user; trusted only from an app that may delegate.
    public internal(set) var endUser = EndUserIDs()
    /// How many messages there are.
    public internal(set) var messageCount = 0
    /// How many of them are the user's.
    public internal(set) var userTurns = 0
    /// Offset of the last user message's `{`; nil without one.
    public internal(set) var lastUserMessage: Int?
    /// The texts of the last user message: its content, or that of its text parts.
    public internal(set) var lastUserTexts: [JSONStringRange] = []
    /// The texts of the user's messages before it, the latest first; two messages at most.
    public internal(set) var earlierUserTexts: [[JSONStringRange]] = []
    /// The id of the response that this request carries on (Responses): what was said before is with
    /// the backend.
    public internal(set) var previousResponse: String?
    /// The id of the conversation that it is added to (Responses), which the backend keeps.
    public internal(set) var conversation: String?
    /// The tokens that it carries on (Ollama), as an earlier answer gave them.
    public internal(set) var context: TokenList?
    /// Whether earlier turns are with the backend and not in the request.
    public internal(set) var continuesElsewhere = false
    /// How many blocks of an earlier turn stand in the system prompt.
    public internal(set) var earlierBlockCount = 0

    /// Whether a block can go into it: false where the model would see no system prompt.
    public var takesBlock: Bool { endSite != nil }

    /// Whether a system message may stand between others.
    var takesReminder = false
    /// Where the block goes, by placement; nil in a dialect or endpoint that takes none.
    var endSite: BlockSite?
    var startSite: BlockSite?
    /// Removes the earlier blocks.
    var removals: [Splice] = []

    /// Ids that a request body carries for an app's end user.
    public struct EndUserIDs: Hashable, Sendable {
        /// `safety_identifier`.
        public internal(set) var safetyIdentifier: String?
        /// `user`.
        public internal(set) var user: String?
        /// `metadata.user_id`.
        public internal(set) var metadataUserID: String?
    }

    /// The changes that leave exactly one block in the request: `block`, between its markers.
    ///
    /// Every earlier block in the system prompt goes.
    public func splices(
        inserting block: String,
        placement: PreferenceBlock.Placement = .end
    ) -> [Splice] {
        guard let site = placement == .end ? endSite : startSite else { return removals }
        return Splice.ordered(removals + [site.splice(block, placement)])
    }

    /// The changes that leave no block in the request; empty where there is none.
    public func splicesRemovingBlocks() -> [Splice] { removals }

    /// The change that puts `text` as a system message right before the last user message; nil where
    /// the dialect allows none there.
    public func splice(reminding text: String) -> Splice? {
        guard takesReminder, let lastUserMessage else { return nil }
        return Splice(at: lastUserMessage, BlockSite.systemMessage(text))
    }
}
