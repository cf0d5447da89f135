import Foundation
import PrefAPI
import PrefConfig
import PrefControl
import PrefPipeline
import PrefRules
import PrefStore

/// What the service says of itself.
struct ServiceFacts: ServiceControl {
    let source: ConfigurationSource
    let live: LiveSettings
    let store: Store
    let reloader: Reloader
    let backends: BackendWatch
    let events: EventJournal
    private let startedAt = Date()

    init(
        source: ConfigurationSource,
        live: LiveSettings,
        store: Store,
        reloader: Reloader,
        backends: BackendWatch,
        events: EventJournal
    ) {
        self.source = source
        self.live = live
        self.store = store
        self.reloader = reloader
        self.backends = backends
        self.events = events
    }

    func readiness() async -> Readiness {
        let health = await store.health()
        let settings = live.settings
        return Readiness(
            store: ComponentState(
                // A host of a fleet goes on to answer, from memory, while the server is away.
                ready: health.readable || health.kind == .postgres,
                detail: health.lastWriteFailure.map { "writes are refused: \($0)" }
                    ?? (health.readable ? "open" : "cannot be read")
            ),
            rules: ComponentState(ready: true, detail: "\(settings.rules.rules.count) in force"),
            backends: await backends.states()
        )
    }

    func status() async -> ServiceStatus {
        let settings = live.settings
        let directory: String? =
            if case .directory(let path) = settings.configuration.rules { path } else { nil }
        return ServiceStatus(
            version: PrefdVersion.current,
            processID: ProcessInfo.processInfo.processIdentifier,
            startedAt: startedAt,
            configFile: source.file,
            rulesDirectory: directory,
            rules: settings.rules.rules.count,
            users: await store.health().users,
            readiness: await readiness()
        )
    }

    func checkConfig(file: String?) async -> ConfigReport {
        let checked = ConfigurationSource(file: file ?? source.file)
        do throws(StartFailure) {
            let configuration = try checked.load()
            _ = try RulesInForce.load(configuration)
            _ = try TopicsInForce.load(configuration.tiers)
            return ConfigReport(file: checked.file, problems: [])
        } catch {
            return ConfigReport(file: checked.file, problems: error.fileProblems)
        }
    }

    func reload() async -> ReloadReport { await reloader.reload() }

    func inspect() async -> SelfCheck {
        let inspection = SelfInspection(
            configuration: live.settings.configuration,
            report: await checkConfig(file: nil),
            health: await store.health(),
            auditDamage: store.auditDamage,
            writesToJournal: events.writesToJournal,
            logLevel: events.current
        )
        return SelfCheck(version: PrefdVersion.current, findings: inspection.findings())
    }

    func logLevel() async -> LogLevel { events.current }

    func setLogLevel(_ level: LogLevel) async { events.set(level: Configuration.LogLevel(level)) }
}
