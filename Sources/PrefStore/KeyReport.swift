public import FoundationEssentials

/// The state of a store's keys: ages and counts, and nothing of the keys themselves.
public struct KeyReport: Sendable, Hashable {
    /// Where the master key comes from: `file` or `credential`; nil where it was handed over.
    public let source: String?
    /// Counts the master keys that the store has had.
    public let masterEpoch: Int
    /// The day since which the master key is in force, at 00:00 UTC.
    public let masterSince: Date
    /// The day on which the store was made, at 00:00 UTC.
    public let storeMade: Date
    /// Counts rewrites of the keyring.
    public let generation: Int
    /// How many users were erased, whose handles the keyring remembers.
    public let erased: Int
    /// How many data keys there are of each epoch, one a user, as 1 for their first.
    public let dataKeys: [Int: Int]
    /// The day of the oldest data key, at 00:00 UTC; nil where there is none.
    public let oldestDataKey: Date?
    /// The day of the newest data key, at 00:00 UTC; nil where there is none.
    public let newestDataKey: Date?
    /// The most writes that the keyring knows of under one user's keys.
    public let mostWrites: Int

    /// What seals, wraps and derives, by what for.
    public static let algorithms = [
        "records": "AES-256-GCM under a key of each record's own, with a key commitment",
        "wrapping": "AES-256-GCM under a key derived from the master key",
        "derivation": "HKDF-SHA256",
        "names": "HMAC-SHA256",
        "audit": "SHA-256 chain, Ed25519",
    ]
}
