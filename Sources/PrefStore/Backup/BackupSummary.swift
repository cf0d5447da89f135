public import FoundationEssentials

/// What a backup was found to hold when every record of it was verified.
public struct BackupSummary: Sendable, Equatable {
    /// When it was made.
    public let createdAt: Date
    /// The schema's version.
    public let schema: Int
    /// All files together, in bytes.
    public let bytes: Int
    /// Users of whom something is in it.
    public var users = 0
    /// Their preferences.
    public var preferences = 0
    /// Their consent records, standing and withdrawn.
    public var consents = 0
    /// Their signals.
    public var signals = 0
}
