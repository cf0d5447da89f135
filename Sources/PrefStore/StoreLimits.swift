/// How much the store keeps for one user, so that one user's flood is that user's own.
public struct StoreLimits: Sendable {
    /// Preferences, all contexts together.
    public var preferences: Int
    /// Signals.
    public var signals: Int
    /// Consent records, standing and withdrawn.
    public var consents: Int
    /// One record's text, in bytes: a signal, or the excerpts of one.
    public var recordBytes: Int
    /// How many users' profiles stay in memory.
    public var cachedUsers: Int
    /// How long a call waits for a store's server before it is refused.
    public var patience: Duration
    /// How long a request waits for it before it goes on without preferences.
    public var requestPatience: Duration

    /// Takes limits; what is not given is as `prefd` uses it.
    public init(
        preferences: Int = 1_000,
        signals: Int = 200_000,
        consents: Int = 2_000,
        recordBytes: Int = 256 << 10,
        cachedUsers: Int = 4_096,
        patience: Duration = .seconds(5),
        requestPatience: Duration = .seconds(1)
    ) {
        self.preferences = preferences
        self.signals = signals
        self.consents = consents
        self.recordBytes = recordBytes
        self.cachedUsers = cachedUsers
        self.patience = patience
        self.requestPatience = requestPatience
    }
}
