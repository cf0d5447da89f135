/// One thing that was looked at, and what was found.
public struct Finding: Codable, Sendable, Hashable {
    /// How it is.
    public enum State: String, Codable, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// Works, and yet someone should look at it.
        case warning
        /// Wrong.
        case problem
        /// Could not be looked at from here.
        case unseen
    }

    /// What was looked at, in a word.
    public let check: String
    /// How it is.
    public let state: State
    /// What was found.
    public let detail: String
    /// What to do about it, where there is something to do.
    public let hint: String?

    /// Makes a finding.
    public init(_ check: String, _ state: State, _ detail: String, hint: String? = nil) {
        self.check = check
        self.state = state
        self.detail = detail
        self.hint = hint
    }
}

/// Answer of `GET /prefd/v1/admin/doctor`: what the service finds when it looks at itself.
public struct SelfCheck: Codable, Sendable, Hashable {
    /// prefd's version.
    public let version: String
    /// What was found.
    public let findings: [Finding]

    /// Makes an answer.
    public init(version: String, findings: [Finding]) {
        self.version = version
        self.findings = findings
    }
}
