/// What the user is doing, as far as it changes how an answer should look.
public enum TaskKind: String, Codable, Sendable, CaseIterable {
    case chat, qa, coding, summarization, creative, analysis, translation, planning
}

/// Whether there is time to read.
public enum Situation: String, Codable, Sendable, CaseIterable {
    case normal, urgent
}

/// The circumstances of one request.
public struct RequestContext: Hashable, Codable, Sendable {
    /// What the user is doing.
    public var task: TaskKind
    /// The connecting app's name.
    public var app: String
    /// BCP 47 tag of the conversation's language, where known.
    public var language: String?
    /// Whether the situation is urgent.
    public var situation: Situation
    /// The topic or domain, where known (`law`, `politics`, …).
    public var topic: String?

    /// Makes a context; what is not given is unknown or normal.
    public init(
        task: TaskKind = .chat,
        app: String,
        language: String? = nil,
        situation: Situation = .normal,
        topic: String? = nil
    ) {
        self.task = task
        self.app = app
        self.language = language
        self.situation = situation
        self.topic = topic
    }
}

/// Where a preference holds: each field that is set must agree with the request's.
public struct PreferenceContext: Hashable, Codable, Sendable {
    /// Holds only for this task.
    public var task: TaskKind?
    /// Holds only in this app.
    public var app: String?
    /// Holds only in this language; `en` also matches `en-GB`.
    public var language: String?
    /// Holds only in this situation.
    public var situation: Situation?
    /// Holds only for this topic (`value-frame`) or domain (`expertise`).
    public var topic: String?

    /// Everywhere, unless narrowed by a field.
    public init(
        task: TaskKind? = nil,
        app: String? = nil,
        language: String? = nil,
        situation: Situation? = nil,
        topic: String? = nil
    ) {
        self.task = task
        self.app = app
        self.language = language
        self.situation = situation
        self.topic = topic
    }

    /// Holds everywhere.
    public static let everywhere = PreferenceContext()

    /// Whether a preference of this context applies to a request.
    ///
    /// `topics` is what else the request is about, beside its context's topic.
    public func holds(in request: RequestContext, topics: [String] = []) -> Bool {
        if let task, task != request.task { return false }
        if let app, app != request.app { return false }
        if let situation, situation != request.situation { return false }
        if let topic, topic != request.topic, !topics.contains(topic) { return false }
        if let language {
            guard let requested = request.language?.lowercased() else { return false }
            let wanted = language.lowercased()
            guard requested == wanted || requested.hasPrefix(wanted + "-") else { return false }
        }
        return true
    }

    /// Larger is more specific.
    ///
    /// A topic narrows most, then the situation, the app, the task and the language; any two
    /// contexts that both hold for one request are ordered.
    public var specificity: Int {
        (topic == nil ? 0 : 16) + (situation == nil ? 0 : 8) + (app == nil ? 0 : 4)
            + (task == nil ? 0 : 2) + (language == nil ? 0 : 1)
    }
}
