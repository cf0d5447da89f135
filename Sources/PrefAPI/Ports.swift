public import PrefControl
public import PrefModel

/// Screens free text before it is kept.
///
/// Throws ``PreferenceRefusal/unsafeText(_:reason:)`` for text that tries to be an instruction.
public typealias FreeTextScreen =
    @Sendable (_ text: String, _ dimension: DimensionID) throws(PreferenceRefusal) -> Void

/// The topics that requests are recognized to be about, as they stand now.
public typealias TopicsSource = @Sendable () -> [Topic]

/// The explanations of recent requests.
public protocol RequestHistory: Sendable {
    /// The explanation of a request, if it is there and this principal's own.
    func explanation(id: String, of principal: Principal) -> Explanation?
    /// The explanations of this principal's own requests, the latest last.
    func explanations(of principal: Principal) -> [Explanation]
    /// What a request's answer looked like, where it was measured: only for one who lets signals be
    /// kept.
    func answerFeatures(id: String, of principal: Principal) -> TextFeatures?
    /// Forgets what a principal's answers looked like.
    func forgetAnswers(of principal: Principal)
    /// Forgets everything about a principal.
    func forget(_ principal: Principal)
}

/// The rules in force, and others that an admin wants looked at.
///
/// A `directory` of nil is the one in force; others are read with the service's own rights.
public protocol RulesControl: Sendable {
    /// The rules in force.
    func list() async -> RuleList
    /// Whether the packs of a directory would load.
    func lint(directory: String?) async -> RuleLintReport
    /// Runs the rules' own cases.
    func test(directory: String?) async -> RuleTestReport
    /// Passes a text through rules, as the whole of an answer.
    ///
    /// - Throws: ``RulesUnreadable`` where the trial names a directory that does not load.
    func tryOut(_ trial: RuleTrial) async throws(RulesUnreadable) -> RuleTrialReport
    /// Reads the rules again; keeps the old ones in force where they do not load.
    func reload() async -> ReloadReport
}

/// Rule packs that do not load.
public struct RulesUnreadable: Error, Sendable {
    /// What is wrong with them, at least one.
    public let problems: [FileProblem]

    /// Makes the error.
    public init(problems: [FileProblem]) { self.problems = problems }
}

/// The service as a whole.
public protocol ServiceControl: Sendable {
    /// The state of the parts, known without asking a model anything.
    func readiness() async -> Readiness
    /// What runs, since when, on what config.
    func status() async -> ServiceStatus
    /// Checks a config file, or the one in force where `file` is nil.
    func checkConfig(file: String?) async -> ConfigReport
    /// Reads config and rules again; keeps the old ones in force where either does not load.
    func reload() async -> ReloadReport
    /// What the service finds when it looks at itself.
    func inspect() async -> SelfCheck
    /// The least that still goes to the journal.
    func logLevel() async -> LogLevel
    /// Writes more or less to the journal from now on, until the next reload or restart.
    func setLogLevel(_ level: LogLevel) async
}

/// The service's counters and gauges.
public protocol MetricsSource: Sendable {
    /// The families as they stand now, none with a label that tells users apart.
    func metrics() async -> [MetricFamily]
}
