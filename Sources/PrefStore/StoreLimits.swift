/// How much the store keeps for one user, so that one user's flood is that user's own; and how much of
/// its own.
public struct StoreLimits: Sendable {
    /// Preferences, all contexts together.
    public var preferences: Int
    /// Signals.
    public var signals: Int
    /// Consent records, standing and withdrawn.
    public var consents: Int
    /// One record's text, in bytes: a signal, or the excerpts of one.
    public var recordBytes: Int
    /// How long a file of the audit log grows, in bytes, before the next is begun.
    public var auditBytes: Int
    /// How many full files of the audit log are kept.
    public var auditFiles: Int
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
        auditBytes: Int = 16 << 20,
        auditFiles: Int = 64,
        cachedUsers: Int = 4_096,
        patience: Duration = .seconds(5),
        requestPatience: Duration = .seconds(1)
    ) {
        self.preferences = preferences
        self.signals = signals
        self.consents = consents
        self.recordBytes = recordBytes
        self.auditBytes = auditBytes
        self.auditFiles = auditFiles
        self.cachedUsers = cachedUsers
        self.patience = patience
        self.requestPatience = requestPatience
    }
}
