public import FoundationEssentials

/// A signal that prefd noticed by itself in a conversation that passed, before it is kept.
public struct NoticedSignal: Sendable, Hashable {
    /// `regenerate` or `followup`.
    public let kind: SignalKind
    /// The request whose answer it speaks of, where that is remembered.
    public let requestID: String?
    /// The circumstances in which it was noticed.
    public let context: RequestContext
    /// The directives that were in the prompt of the answer it speaks of.
    public let directives: [Directive]
    /// The experiment that the answer was part of.
    public let experiments: [ExperimentArm]
    /// What the answer looked like, or what was asked for, by role.
    public let features: [String: TextFeatures]

    /// Makes one of what is remembered of the answer.
    public init(
        kind: SignalKind,
        about explanation: Explanation?,
        context: RequestContext,
        features: [String: TextFeatures]
    ) {
        self.kind = kind
        requestID = explanation?.id
        self.context = context
        directives = explanation?.injected ?? []
        experiments = explanation?.experiments ?? []
        self.features = features
    }

    /// The signal as it is kept.
    public func signal(id: String, at date: Date) -> Signal {
        Signal(
            id: id,
            requestID: requestID,
            kind: kind,
            at: date,
            context: context,
            directives: directives,
            features: features,
            experiments: experiments
        )
    }
}
