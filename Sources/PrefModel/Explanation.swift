public import FoundationEssentials

/// How a request asked to be personalized (`X-Prefd-Mode`).
public enum PersonalizationMode: String, Codable, Sendable, CaseIterable {
    /// As usual.
    case on
    /// No personalization for this request; the rules still hold.
    case off
    /// Answer with what would have been sent, without calling the backend.
    case preview
}

/// A preference that applied to a request and yet stayed out of its prompt.
public struct WithheldDirective: Codable, Sendable, Hashable {
    /// Why it stayed out.
    public enum Reason: String, Codable, Sendable {
        /// Another preference of the same dimension won: one that was set, or a more specific one.
        case overridden
        /// The block's budget was spent on what matters more.
        case budget
        /// The topic's tier does not allow it.
        case tier
        /// The request or the app switched personalization off.
        case off
        /// Its value needs no words in the prompt.
        case silent
        /// Left out this once, to learn whether it helps.
        case experiment
        /// Not used any more: answers with it were received worse than answers without it.
        case dropped
        /// The endpoint or request has no system prompt to put it in.
        case endpoint
    }

    /// The preference's dimension and where it holds.
    public let key: PreferenceKey
    /// Its value.
    public let value: String
    /// Why it stayed out.
    public let reason: Reason

    /// Makes an entry.
    public init(key: PreferenceKey, value: String, reason: Reason) {
        self.key = key
        self.value = value
        self.reason = reason
    }
}

/// One rule that fired on an answer.
///
/// Never holds what it matched.
public struct RuleHit: Codable, Sendable, Hashable {
    /// The rule's id.
    public let rule: String
    /// What was done: `block`, `redact`, `replace`, `append` or `flag`.
    public let action: String
    /// Where: `output`, `reasoning` or `tool_args`.
    public let surface: String
    /// In which choice.
    public let choice: Int

    /// Makes an entry.
    public init(rule: String, action: String, surface: String, choice: Int) {
        self.rule = rule
        self.action = action
        self.surface = surface
        self.choice = choice
    }
}

/// A rule that asks a model which gave no verdict on some of an answer.
///
/// Never holds what the model was to judge.
public struct UncheckedRule: Codable, Sendable, Hashable {
    /// What the rule has a verdict that does not come count as.
    public enum Treatment: String, Codable, Sendable {
        /// The text was let through, unchecked.
        case safe
        /// The rule's action was carried out.
        case unsafe
    }

    /// The rule's id.
    public let rule: String
    /// Why there was none: `timeout`, `unreachable`, `suspended`, `refused` or `unreadable`.
    public let reason: String
    /// What was done.
    public let treatedAs: Treatment

    /// Makes an entry.
    public init(rule: String, reason: String, treatedAs: Treatment) {
        self.rule = rule
        self.reason = reason
        self.treatedAs = treatedAs
    }

    private enum CodingKeys: String, CodingKey {
        case rule, reason
        case treatedAs = "treated_as"
    }
}

/// What prefd did with one request, and why: the answer of `GET /prefd/v1/requests/{id}`.
///
/// Held in memory only, for the principal it belongs to.
public struct Explanation: Codable, Sendable, Hashable {
    /// The request's id.
    public let id: String
    /// When it came.
    public let at: Date
    /// The endpoint's path.
    public let endpoint: String
    /// The model that was asked for.
    public let model: String?
    /// The backend's configured name.
    public var backend: String?
    /// The circumstances.
    public let context: RequestContext
    /// The tier of the topic.
    public let tier: Tier
    /// The topics that were recognized, and why.
    public let topics: [TopicFinding]
    /// How the request asked to be personalized.
    public let mode: PersonalizationMode
    /// The block as it was injected, or nil where nothing was.
    public let block: String?
    /// The block's short form that was said again in a long conversation, or nil where it was not.
    public let reminder: String?
    /// The directives in the block.
    public let injected: [Directive]
    /// The preferences that stayed out, and why.
    public let withheld: [WithheldDirective]
    /// The experiment that the request was part of: each learned directive, kept or left out.
    public let experiments: [ExperimentArm]
    /// The rules that fired, in order.
    public var rules: [RuleHit]
    /// The rules whose models gave no verdict.
    public var unchecked: [UncheckedRule]
    /// The order that several answers were put in, the best first; nil where they stayed as they were.
    public var ranking: [RankedAnswer]?
    /// The status the client got, once known.
    public var status: Int?

    /// Makes an explanation.
    public init(
        id: String,
        at: Date,
        endpoint: String,
        model: String?,
        backend: String?,
        context: RequestContext,
        tier: Tier,
        topics: [TopicFinding] = [],
        mode: PersonalizationMode,
        block: String?,
        reminder: String? = nil,
        injected: [Directive],
        withheld: [WithheldDirective],
        experiments: [ExperimentArm] = [],
        rules: [RuleHit] = [],
        unchecked: [UncheckedRule] = [],
        status: Int? = nil
    ) {
        self.id = id
        self.at = at
        self.endpoint = endpoint
        self.model = model
        self.backend = backend
        self.context = context
        self.tier = tier
        self.topics = topics
        self.mode = mode
        self.block = block
        self.reminder = reminder
        self.injected = injected
        self.withheld = withheld
        self.experiments = experiments
        self.rules = rules
        self.unchecked = unchecked
        self.status = status
    }
}
