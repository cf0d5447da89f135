/// How the store is, in figures.
public struct StoreHealth: Codable, Sendable, Hashable {
    /// What keeps the store.
    public let kind: StoreKind
    /// The schema's version.
    public let schemaVersion: Int
    /// How many users have something in it.
    public let users: Int
    /// Size of the database file, in bytes.
    public let databaseBytes: Int64
    /// Size of the write-ahead log, in bytes.
    public let logBytes: Int64
    /// Size of the keyring, in bytes.
    public let keyringBytes: Int64
    /// Whether the database could be read just now.
    public let readable: Bool
    /// Why the last write failed, or nil where it did not.
    public let lastWriteFailure: String?

    private enum CodingKeys: String, CodingKey {
        case kind, users, readable
        case schemaVersion = "schema_version"
        case databaseBytes = "database_bytes"
        case logBytes = "log_bytes"
        case keyringBytes = "keyring_bytes"
        case lastWriteFailure = "last_write_failure"
    }
}
