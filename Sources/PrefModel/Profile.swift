/// What the request path needs to know of a principal: a snapshot that never waits for a disk.
public struct Profile: Sendable, Hashable {
    /// The preferences in force, explicit and learned.
    public let preferences: [Preference]
    /// The scopes that are granted now.
    public let granted: Set<ConsentScope>
    /// Learned preferences that would be in force, had leaving them out not shown that they do harm.
    public let dropped: [Preference]

    /// Makes a snapshot.
    public init(
        preferences: [Preference],
        granted: Set<ConsentScope>,
        dropped: [Preference] = []
    ) {
        self.preferences = preferences
        self.granted = granted
        self.dropped = dropped
    }

    /// Whether any signal may be kept, so that there is a use in measuring answers.
    public var mayKeepSignals: Bool {
        granted.contains(.signalsExplicit) || granted.contains(.signalsImplicit)
    }

    /// Someone prefd knows nothing about.
    public static let unknown = Profile(preferences: [], granted: [])
}
