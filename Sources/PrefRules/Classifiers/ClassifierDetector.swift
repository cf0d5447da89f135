/// A model at a backend that says whether a text is what a rule is about.
public struct ClassifierDetector: Sendable, Hashable {
    /// How the model is asked.
    public enum Endpoint: String, Sendable, Hashable, CaseIterable {
        /// `POST /v1/moderations`, as OpenAI has it.
        case moderation
        /// `POST /v1/chat/completions`: a guard model, which answers in words.
        case chat
    }

    /// What a verdict that does not come counts as.
    public enum Failure: String, Sendable, Hashable, CaseIterable {
        /// As if the text were safe.
        case open
        /// As if it were not.
        case closed
    }

    /// How much of a text is judged at once.
    public enum Window: String, Sendable, Hashable, CaseIterable {
        /// A few sentences, with what stands before them.
        case sentences
        /// All of it, once it is there.
        case answer
    }

    /// How long a model may take at most.
    public static let longestTimeout = Duration.seconds(60)

    /// The configured name of the backend.
    public let backend: String
    /// How the model is asked.
    public let endpoint: Endpoint
    /// The model's name there.
    public let model: String
    /// The categories that count (`moderation`); all where there are none.
    public let categories: [String]
    /// From which score on a category counts (`moderation`); where the model says so without one.
    public let threshold: Double?
    /// What the model is told before the text (`chat`).
    public let instructions: String?
    /// What an answer says that finds the text unsafe (`chat`).
    public let unsafeWhen: String
    /// What an answer says that finds it safe (`chat`); one that says neither is no verdict.
    public let safeWhen: String
    /// How much is judged at once.
    public let window: Window
    /// How long the model may take.
    public let timeout: Duration
    /// What a verdict that does not come counts as.
    public let onFailure: Failure

    /// What Llama Guard and its like answer.
    static let usualUnsafeWhen = #"\A\s*unsafe\b"#
    static let usualSafeWhen = #"\A\s*safe\b"#
}
