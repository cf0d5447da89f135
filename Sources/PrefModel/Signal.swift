public import FoundationEssentials

/// What kind of observation a signal is.
public enum SignalKind: String, Codable, Sendable, CaseIterable {
    case choice, rating, edit, regenerate, followup, copy, abandon

    /// The scope without which it is not kept: what a person or app reports is explicit, what prefd
    /// notices by itself is implicit.
    public var scope: ConsentScope {
        switch self {
        case .choice, .rating, .edit: .signalsExplicit
        case .regenerate, .followup, .copy, .abandon: .signalsImplicit
        }
    }

    /// Whether it speaks of one answer by itself, not of several beside each other.
    public var judgesOneAnswer: Bool {
        switch self {
        case .rating, .regenerate, .copy: true
        case .choice, .edit, .followup, .abandon: false
        }
    }
}

/// The measured features of one text, by feature name.
public struct TextFeatures: Codable, Sendable, Hashable {
    /// Version of the definitions.
    public let version: Int
    /// Value by feature name, in the unit that the feature's definition gives.
    public let values: [String: Double]

    /// Makes a feature vector.
    public init(version: Int, values: [String: Double]) {
        self.version = version
        self.values = values
    }
}

/// One observation of how an answer was received, as it is kept.
///
/// Texts are turned into features at once; `excerpts` is filled only under the `content` scope.
public struct Signal: Codable, Sendable, Hashable {
    /// The signal's own random id.
    public let id: String
    /// The request it speaks of, where there is one.
    public let requestID: String?
    /// What kind of observation.
    public let kind: SignalKind
    /// When it was reported.
    public let at: Date
    /// A rating on 1…5 (`up` is 5, `down` is 1); nil for other kinds.
    public let rating: Double?
    /// The request's circumstances.
    public let context: RequestContext?
    /// The directives that were in the prompt.
    public let directives: [Directive]
    /// Features of the texts by role: `chosen`, `rejected.0`, …, `before`, `after`, `answer`.
    public let features: [String: TextFeatures]
    /// Excerpts of the texts by the same roles; empty without the `content` scope.
    public var excerpts: [String: String]
    /// The question of elicitation that a choice answers, or nil.
    public let question: String?
    /// The experiment that the request was part of, under the `experiments` scope; nil where it was none.
    public var experiments: [ExperimentArm]?

    /// Makes a signal.
    public init(
        id: String,
        requestID: String?,
        kind: SignalKind,
        at: Date,
        rating: Double? = nil,
        context: RequestContext?,
        directives: [Directive],
        features: [String: TextFeatures] = [:],
        excerpts: [String: String] = [:],
        question: String? = nil,
        experiments: [ExperimentArm] = []
    ) {
        self.id = id
        self.requestID = requestID
        self.kind = kind
        self.at = at
        self.rating = rating
        self.context = context
        self.directives = directives
        self.features = features
        self.excerpts = excerpts
        self.question = question
        self.experiments = experiments.isEmpty ? nil : experiments
    }

    private enum CodingKeys: String, CodingKey {
        case id, kind, at, rating, context, directives, features, excerpts, question, experiments
        case requestID = "request_id"
    }
}
