/// How a rule finds what it is about.
public enum RuleDetector: Sendable, Hashable {
    /// Any of these texts, wherever they occur.
    case literal([String])
    /// A regular expression of the supported kind (see `PatternParser`).
    case regex(String)
    /// A topic that the request was recognized to be about, whatever the answer says.
    case topic(String)
    /// What an answer must say when the request is about a topic: one of these texts.
    case required(topic: String, said: [String])
    /// What a model at a backend says of a text.
    case classifier(ClassifierDetector)
}

extension RuleDetector {
    /// Where a rule looks that does not say so: what must be said must be said to the reader.
    var usualSurfaces: Set<TextSurface> {
        switch self {
        case .literal, .regex, .classifier: Set(TextSurface.allCases)
        case .topic, .required: [.output]
        }
    }
}

/// A way of writing that only rules which ask for it see through, because it costs much or means
/// something else more often.
public enum SeeThrough: String, Sendable, Hashable, CaseIterable {
    /// Up to three spaces, line breaks or signs between any two characters of a match.
    case separators
    /// Text within runs of base64, also of its URL-safe kind.
    case base64
    /// Text within runs of hexadecimal digits.
    case hex
}

/// One universal check on outputs, as a rule pack states it.
public struct Rule: Sendable, Hashable {
    /// The id, unique over all packs.
    public let id: String
    /// The name of the pack it comes from.
    public let pack: String
    /// What it is for, in words.
    public let description: String
    /// Where its knowledge comes from: a standard, a vendor's documentation.
    public let source: String?
    /// How matches are found.
    public let detector: RuleDetector
    /// The names of the validators that a match must pass, all of them.
    public let validators: [String]
    /// Where it looks.
    public let surfaces: Set<TextSurface>
    /// What a match does.
    public let action: RuleAction
    /// Whether upper and lower case differ; usually not.
    public let isCaseSensitive: Bool
    /// What it sees through besides what all rules do.
    public let seeThrough: Set<SeeThrough>
    /// Texts in which it must match.
    public let matchCases: [String]
    /// Texts in which it must not match.
    public let passCases: [String]

    /// Whether a model is asked, so that its cases cannot be run without one.
    public var asksModel: Bool {
        if case .classifier = detector { true } else { false }
    }

    /// Whether it is about what an answer lacks, so that a match of its texts is what it asks for.
    var isRequirement: Bool {
        if case .required = detector { true } else { false }
    }
}

/// What a rule asks of an answer because of the topic of its request.
public struct TopicDemand: Sendable, Hashable {
    /// The rule's id.
    public let ruleID: String
    /// What is done: `append` or `flag`.
    public let action: RuleAction
    /// The texts of which the answer must say one; empty where it is done in any case.
    public let said: [String]
}

extension RuleSet {
    /// What the rules ask of an answer to a request about these topics.
    public func demands(on topics: [String]) -> [TopicDemand] {
        topicRules.compactMap { rule in
            switch rule.detector {
            case .topic(let topic) where topics.contains(topic):
                TopicDemand(ruleID: rule.id, action: rule.action, said: [])
            case .required(let topic, let said) where topics.contains(topic):
                TopicDemand(ruleID: rule.id, action: rule.action, said: said)
            default: nil
            }
        }
    }
}
