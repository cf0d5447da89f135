public import PrefModel

extension ControlClient {
    /// Whether the process answers.
    public func liveness() async throws(ControlFailure) -> Liveness {
        try await call("GET", "/healthz")
    }

    /// Whether requests can be served, and by which parts.
    public func readiness() async throws(ControlFailure) -> Readiness {
        try await call("GET", "/readyz", accepting: [200, 503])
    }

    /// Who prefd says you are.
    public func identity() async throws(ControlFailure) -> Identity {
        try await call("GET", "/prefd/v1/me")
    }

    /// The vocabulary.
    public func dimensions() async throws(ControlFailure) -> DimensionList {
        try await call("GET", "/prefd/v1/dimensions")
    }

    /// Every preference; or, with a context, those in force in it.
    public func preferences(
        in context: PreferenceContext = .everywhere
    ) async throws(ControlFailure) -> PreferenceList {
        try await call("GET", "/prefd/v1/preferences", query: Self.query(context))
    }

    /// The preferences of one dimension, and the value in force in a context.
    public func preference(
        _ dimension: DimensionID,
        in context: PreferenceContext = .everywhere
    ) async throws(ControlFailure) -> DimensionPreferences {
        try await call("GET", Self.path(dimension), query: Self.query(context))
    }

    /// Sets one preference.
    public func set(
        _ dimension: DimensionID,
        to value: String,
        in context: PreferenceContext = .everywhere
    ) async throws(ControlFailure) -> PreferenceChange {
        try await call(
            "PUT",
            Self.path(dimension),
            query: Self.query(context),
            sending: PreferenceValue(value: value)
        )
    }

    /// Sets several preferences, all or none.
    public func set(_ settings: PreferenceSettings) async throws(ControlFailure)
        -> PreferenceChanges
    {
        try await call("PUT", "/prefd/v1/preferences", sending: settings)
    }

    /// Forgets the preferences of one dimension, or of all: in every context, or in exactly one.
    public func removePreferences(
        of dimension: DimensionID?,
        in context: PreferenceContext = .everywhere
    ) async throws(ControlFailure) -> PreferencesRemoved {
        try await call(
            "DELETE",
            dimension.map(Self.path) ?? "/prefd/v1/preferences",
            query: Self.query(context)
        )
    }

    /// The evidence for one dimension's preferences.
    public func why(
        _ dimension: DimensionID,
        in context: PreferenceContext = .everywhere
    ) async throws(ControlFailure) -> WhyAnswer {
        try await call("GET", Self.path(dimension) + "/why", query: Self.query(context))
    }

    /// Every consent scope and whether it is granted.
    public func consents() async throws(ControlFailure) -> ConsentList {
        try await call("GET", "/prefd/v1/consent")
    }

    /// Grants or withdraws one scope, by the name that the user gave.
    public func decide(
        _ decision: ConsentDecision,
        on scope: String
    ) async throws(ControlFailure) -> ConsentChange {
        try await call("PUT", "/prefd/v1/consent/" + Self.encoded(scope), sending: decision)
    }

    /// Grants or withdraws several scopes; all are checked before the first is carried out.
    public func decide(_ decisions: ConsentDecisions) async throws(ControlFailure) -> ConsentChanges
    {
        try await call("PUT", "/prefd/v1/consent", sending: decisions)
    }

    /// Reports a signal.
    public func record(_ report: SignalReport) async throws(ControlFailure) -> SignalReceipt {
        try await call("POST", "/prefd/v1/signals", sending: report)
    }

    /// What prefd did with one of your requests, and why; `last` is the latest.
    public func explanation(of requestID: String) async throws(ControlFailure) -> Explanation {
        try await call("GET", "/prefd/v1/requests/" + Self.encoded(requestID))
    }

    /// Everything held on you.
    public func export() async throws(ControlFailure) -> ExportDocument {
        try await call("GET", "/prefd/v1/export")
    }

    /// Forgets everything about you, now.
    public func forgetMe() async throws(ControlFailure) -> Erasure {
        try await call("DELETE", "/prefd/v1/me")
    }

    private static func path(_ dimension: DimensionID) -> String {
        "/prefd/v1/preferences/" + encoded(dimension.rawValue)
    }

    private static func query(_ context: PreferenceContext) -> [(String, String?)] {
        [
            ("task", context.task?.rawValue), ("app", context.app), ("language", context.language),
            ("situation", context.situation?.rawValue), ("topic", context.topic),
        ]
    }
}
