public import FoundationEssentials

/// Answer of `GET /prefd/v1/admin/keys`: ages and counts, and nothing of the keys themselves.
public struct KeyStatus: Codable, Sendable, Hashable {
    /// The key that wraps every other.
    public struct Master: Codable, Sendable, Hashable {
        /// Where it comes from: `file` or `credential`.
        public let source: String
        /// Counts the master keys that the store has had.
        public let epoch: Int
        /// The day since which it is in force, at 00:00 UTC.
        public let since: Date
        /// How many days that is.
        public let ageDays: Int

        /// Makes a status.
        public init(source: String, epoch: Int, since: Date, ageDays: Int) {
            self.source = source
            self.epoch = epoch
            self.since = since
            self.ageDays = ageDays
        }

        private enum CodingKeys: String, CodingKey {
            case source, epoch, since
            case ageDays = "age_days"
        }
    }

    /// The file of wrapped keys.
    public struct Keyring: Codable, Sendable, Hashable {
        /// Counts its rewrites.
        public let generation: Int
        /// The day on which it was made, at 00:00 UTC.
        public let made: Date
        /// How many users were erased.
        public let erased: Int

        /// Makes a status.
        public init(generation: Int, made: Date, erased: Int) {
            self.generation = generation
            self.made = made
            self.erased = erased
        }
    }

    /// How many users have the data key of an epoch.
    public struct Epoch: Codable, Sendable, Hashable {
        /// Counts a user's data keys, from 1.
        public let epoch: Int
        /// How many users.
        public let users: Int

        /// Makes a count.
        public init(epoch: Int, users: Int) {
            self.epoch = epoch
            self.users = users
        }
    }

    /// The keys of the users, one each.
    public struct DataKeys: Codable, Sendable, Hashable {
        /// How many there are.
        public let users: Int
        /// How many of them are of which epoch.
        public let epochs: [Epoch]
        /// The day of the oldest, at 00:00 UTC; nil where there is none.
        public let oldest: Date?
        /// The day of the newest, at 00:00 UTC; nil where there is none.
        public let newest: Date?
        /// The most writes of one user that the keyring knows of.
        public let mostWrites: Int

        /// Makes a status.
        public init(users: Int, epochs: [Epoch], oldest: Date?, newest: Date?, mostWrites: Int) {
            self.users = users
            self.epochs = epochs
            self.oldest = oldest
            self.newest = newest
            self.mostWrites = mostWrites
        }

        private enum CodingKeys: String, CodingKey {
            case users, epochs, oldest, newest
            case mostWrites = "most_writes"
        }
    }

    /// What keeps the store: `sqlite` or `postgres`.
    public let store: String
    /// The master key.
    public let master: Master
    /// The keyring.
    public let keyring: Keyring
    /// The users' keys.
    public let dataKeys: DataKeys
    /// What does the work, by what for.
    public let algorithms: [String: String]
    /// The key that the audit log's checkpoints are signed under: Ed25519, 64 hex digits.
    public let auditKey: String

    /// Makes an answer.
    public init(
        store: String,
        master: Master,
        keyring: Keyring,
        dataKeys: DataKeys,
        algorithms: [String: String],
        auditKey: String
    ) {
        self.store = store
        self.master = master
        self.keyring = keyring
        self.dataKeys = dataKeys
        self.algorithms = algorithms
        self.auditKey = auditKey
    }

    private enum CodingKeys: String, CodingKey {
        case store, master, keyring, algorithms
        case dataKeys = "data_keys"
        case auditKey = "audit_key"
    }
}

/// Body of `POST /prefd/v1/admin/keys/rotate`.
public struct KeyRotation: Codable, Sendable, Hashable {
    /// Whose data key, by pseudonym; nil for the master key.
    public let user: String?
    /// Why, for the journal.
    public let reason: String?

    /// Makes a body.
    public init(user: String? = nil, reason: String? = nil) {
        self.user = user
        self.reason = reason
    }
}
