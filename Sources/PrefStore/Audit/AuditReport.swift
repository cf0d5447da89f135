/// What verifying the audit log found.
public struct AuditReport: Sendable, Equatable {
    /// Something that is not as it was written.
    public struct Problem: Sendable, Equatable {
        /// The line of its file, from 1; nil where it is about the whole.
        public let line: Int?
        /// What is wrong.
        public let message: String
    }

    /// How many entries were read.
    public internal(set) var entries = 0
    /// The number of the first of them: those before it were let go, as the log itself says.
    public internal(set) var first: UInt64 = 1
    /// The last entry, as `SEQUENCE:HASH`: to be kept elsewhere, and given to a later verification.
    public internal(set) var head = AuditHead.none.spelling
    /// What the last valid checkpoint covers, as `SEQUENCE:HASH`; nil where there is none.
    public internal(set) var checkpoint: String?
    /// The key under which checkpoints verify, 64 hex digits.
    public let publicKey: String
    /// What is wrong, the first 20; none where the log is as it was written.
    public internal(set) var problems: [Problem] = []

    static let mostProblems = 20

    mutating func add(_ message: String, at place: AuditVerification.Walk? = nil) {
        guard problems.count < Self.mostProblems else { return }
        let file = place.map { $0.file == AuditLog.name ? "" : "\($0.file): " } ?? ""
        problems.append(Problem(line: place?.line, message: file + message))
    }
}
