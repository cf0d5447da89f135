/// Answer of `GET /prefd/v1/admin/audit`: what verifying the audit log found.
public struct AuditVerdict: Codable, Sendable, Hashable {
    /// Something that is not as it was written.
    public struct Problem: Codable, Sendable, Hashable {
        /// The line of its file, from 1; nil where it is about the whole.
        public let line: Int?
        /// What is wrong.
        public let message: String

        /// Makes a problem.
        public init(line: Int?, message: String) {
            self.line = line
            self.message = message
        }
    }

    /// Whether the log is as it was written.
    public let ok: Bool
    /// How many entries it has.
    public let entries: Int
    /// The number of the first of them: those before it were let go, as the log itself says.
    public let first: Int
    /// The last entry, as `SEQUENCE:HASH`: note it down elsewhere, and verify against it later.
    public let head: String
    /// What the last signed checkpoint covers, as `SEQUENCE:HASH`.
    public let checkpoint: String?
    /// The key that checkpoints are signed under: Ed25519, 64 hex digits.
    public let publicKey: String
    /// What is wrong.
    public let problems: [Problem]

    /// Makes an answer; `ok` where there are no problems.
    public init(
        entries: Int,
        first: Int,
        head: String,
        checkpoint: String?,
        publicKey: String,
        problems: [Problem]
    ) {
        ok = problems.isEmpty
        self.entries = entries
        self.first = first
        self.head = head
        self.checkpoint = checkpoint
        self.publicKey = publicKey
        self.problems = problems
    }

    private enum CodingKeys: String, CodingKey {
        case ok, entries, first, head, checkpoint, problems
        case publicKey = "public_key"
    }
}

/// Answer of `POST /prefd/v1/admin/audit/receipt`, whose body is an erasure's receipt.
public struct ReceiptVerdict: Codable, Sendable, Hashable {
    /// Whether it is this store's own, unchanged.
    public let valid: Bool
    /// The number of the audit log's entry about it; nil where there is none, as for a user of whom
    /// nothing was held.
    public let entry: Int?

    /// Makes an answer.
    public init(valid: Bool, entry: Int?) {
        self.valid = valid
        self.entry = entry
    }
}
