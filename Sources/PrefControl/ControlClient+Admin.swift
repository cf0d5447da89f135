extension ControlClient {
    private static let admin = "/prefd/v1/admin/"

    /// What runs, since when, on what config.
    public func status() async throws(ControlFailure) -> ServiceStatus {
        try await call("GET", Self.admin + "status")
    }

    /// The counters and gauges, as Prometheus reads them.
    public func metrics() async throws(ControlFailure) -> String {
        try await text("GET", Self.admin + "metrics")
    }

    /// The users, by pseudonym.
    public func users() async throws(ControlFailure) -> UserList {
        try await call("GET", Self.admin + "users")
    }

    /// What is held on one user; the reason is journaled.
    public func user(_ pseudonym: String, reason: String) async throws(ControlFailure) -> UserRecord
    {
        try await call("GET", Self.path(pseudonym), query: [("reason", reason)])
    }

    /// Erases everything on one user; the reason is journaled.
    public func forget(_ pseudonym: String, reason: String) async throws(ControlFailure) -> Erasure
    {
        try await call("DELETE", Self.path(pseudonym), query: [("reason", reason)])
    }

    /// The rules in force.
    public func rules() async throws(ControlFailure) -> RuleList {
        try await call("GET", Self.admin + "rules")
    }

    /// Whether the packs of a directory, or those in force, would load.
    public func lintRules(_ directory: RuleDirectory) async throws(ControlFailure) -> RuleLintReport
    {
        try await call("POST", Self.admin + "rules/lint", sending: directory)
    }

    /// Runs the rules' own cases.
    public func testRules(_ directory: RuleDirectory) async throws(ControlFailure) -> RuleTestReport
    {
        try await call("POST", Self.admin + "rules/test", sending: directory)
    }

    /// Passes a text through the rules.
    public func tryRules(_ trial: RuleTrial) async throws(ControlFailure) -> RuleTrialReport {
        try await call("POST", Self.admin + "rules/try", sending: trial)
    }

    /// Reads the rules again.
    public func reloadRules() async throws(ControlFailure) -> ReloadReport {
        try await call("POST", Self.admin + "rules/reload")
    }

    /// Checks a config file, or the one in force.
    public func checkConfig(_ request: ConfigCheckRequest) async throws(ControlFailure)
        -> ConfigReport
    {
        try await call("POST", Self.admin + "config/check", sending: request)
    }

    /// Reads config and rules again.
    public func reload() async throws(ControlFailure) -> ReloadReport {
        try await call("POST", Self.admin + "reload")
    }

    /// What the service finds when it looks at itself.
    public func selfCheck() async throws(ControlFailure) -> SelfCheck {
        try await call("GET", Self.admin + "doctor")
    }

    /// How much goes to the journal.
    public func logLevel() async throws(ControlFailure) -> LogLevelSetting {
        try await call("GET", Self.admin + "log/level")
    }

    /// Writes more or less to the journal, until the next reload or restart.
    public func setLogLevel(_ level: LogLevel) async throws(ControlFailure) -> LogLevelSetting {
        try await call("PUT", Self.admin + "log/level", sending: LogLevelSetting(level: level))
    }

    private static func path(_ pseudonym: String) -> String {
        admin + "users/" + encoded(pseudonym)
    }
}
