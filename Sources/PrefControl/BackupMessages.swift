public import FoundationEssentials

/// Answer of `POST /prefd/v1/admin/backups`: a backup that can be read file by file.
public struct BackupOffer: Codable, Sendable, Hashable {
    /// One file of it.
    public struct File: Codable, Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its size.
        public let bytes: Int

        /// Makes an entry.
        public init(name: String, bytes: Int) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// The transfer's id, until it is deleted or another one begins.
    public let id: String
    /// When it was made.
    public let createdAt: Date
    /// Its files, but for `manifest.json`, which says the same.
    public let files: [File]

    /// Makes an answer.
    public init(id: String, createdAt: Date, files: [File]) {
        self.id = id
        self.createdAt = createdAt
        self.files = files
    }

    private enum CodingKeys: String, CodingKey {
        case id, files
        case createdAt = "created_at"
    }
}

/// The files of a backup, as prefctl keeps them.
public enum BackupFiles {
    /// The one that says what the others are.
    public static let manifest = "manifest.json"
    /// All that there can be.
    public static let all = [
        manifest, "keyring", "prefd.db", "erasures", "audit.log", "population.json",
    ]
    /// The longest piece that is sent at once, in bytes.
    public static let pieceBytes = 8 << 20
}

/// Answer of `POST /prefd/v1/admin/backups/uploads`: where a backup's files may be sent to.
public struct BackupUpload: Codable, Sendable, Hashable {
    /// The transfer's id, until it is deleted, verified or another one begins.
    public let id: String

    /// Makes an answer.
    public init(id: String) { self.id = id }
}

/// Answer of `POST …/backups/{id}/verify` and `…/restore`: every record of the backup was verified.
public struct BackupReport: Codable, Sendable, Hashable {
    /// When it was made.
    public let createdAt: Date
    /// The schema's version.
    public let schema: Int
    /// All files together.
    public let bytes: Int
    /// Users of whom something is in it.
    public let users: Int
    /// Their preferences.
    public let preferences: Int
    /// Their consent records, standing and withdrawn.
    public let consents: Int
    /// Their signals.
    public let signals: Int

    /// Makes an answer.
    public init(
        createdAt: Date,
        schema: Int,
        bytes: Int,
        users: Int,
        preferences: Int,
        consents: Int,
        signals: Int
    ) {
        self.createdAt = createdAt
        self.schema = schema
        self.bytes = bytes
        self.users = users
        self.preferences = preferences
        self.consents = consents
        self.signals = signals
    }

    private enum CodingKeys: String, CodingKey {
        case schema, bytes, users, preferences, consents, signals
        case createdAt = "created_at"
    }
}

/// What `prefctl backup` did, and with which directory.
public struct BackupOutcome: Codable, Sendable, Hashable {
    /// The backup's directory.
    public let path: String
    /// What it holds.
    public let backup: BackupReport

    /// Makes an outcome.
    public init(path: String, backup: BackupReport) {
        self.path = path
        self.backup = backup
    }
}

/// Answer of `DELETE /prefd/v1/admin/restore` and of `DELETE …/backups/{id}`.
public struct BackupDropped: Codable, Sendable, Hashable {
    /// Whether there was something.
    public let dropped: Bool

    /// Makes an answer.
    public init(dropped: Bool) { self.dropped = dropped }
}
