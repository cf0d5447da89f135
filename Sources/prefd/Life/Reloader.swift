import PrefAPI
import PrefConfig
import PrefControl
import PrefModel
import PrefPipeline
import PrefRules
import PrefStore
import PrefTopics
import Systemd
import UnixHTTP

/// Reads configuration and rules again; what does not load leaves everything as it was.
///
/// Sockets, state directory and key are fixed for the life of the process: a change of theirs takes
/// a restart, and the report says so.
actor Reloader {
    private let source: ConfigurationSource
    private let live: LiveSettings
    private let upstream: HTTPUpstream
    private let client: HTTPClient
    private let events: EventJournal
    private let notify: Notify
    private let store: Store

    init(
        source: ConfigurationSource,
        live: LiveSettings,
        upstream: HTTPUpstream,
        client: HTTPClient,
        events: EventJournal,
        notify: Notify,
        store: Store
    ) {
        self.source = source
        self.live = live
        self.upstream = upstream
        self.client = client
        self.events = events
        self.notify = notify
        self.store = store
    }

    /// Reads everything again.
    func reload() async -> ReloadReport {
        notify.reloading(status: "Reading configuration and rules")
        defer { notify.ready(status: live.settings.status) }
        do throws(StartFailure) {
            let old = live.settings.configuration
            let configuration = try source.load()
            try Self.refuseFixed(old, configuration, file: source.description)
            let rules = try RulesInForce.load(configuration)
            let topics = try TopicsInForce.load(configuration.tiers)
            let directory = try await BackendDirectory.resolve(
                configuration,
                through: client,
                replacing: live.settings.directory
            )
            // Routes first: settings in force never name a backend without one.
            upstream.replace(routes: directory.routes)
            live.replace(
                with: Settings(
                    configuration: configuration,
                    rules: rules,
                    topics: topics,
                    directory: directory
                )
            )
            events.set(level: configuration.logLevel)
            return await accepted("everything")
        } catch {
            return await rejected(error, "everything")
        }
    }

    /// Reads the rules again, and nothing else.
    func reloadRules() async -> ReloadReport {
        let settings = live.settings
        do throws(StartFailure) {
            let rules = try RulesInForce.load(settings.configuration)
            live.replace(
                with: Settings(
                    configuration: settings.configuration,
                    rules: rules,
                    topics: settings.topics,
                    directory: settings.directory
                )
            )
            return await accepted("rules")
        } catch {
            return await rejected(error, "rules")
        }
    }

    private func accepted(_ what: String) async -> ReloadReport {
        let count = live.settings.rules.rules.count
        events.record(
            Event(.reloaded, priority: .notice, message: "Reloaded; \(count) rules are in force.")
        )
        await enter(.reloaded(what, rules: count, isInForce: true))
        return ReloadReport(rules: count, problems: [])
    }

    private func rejected(_ failure: StartFailure, _ what: String) async -> ReloadReport {
        let kind: EventKind = if case .rules = failure { .rulesRejected } else { .configRejected }
        events.record(
            Event(
                kind,
                priority: .error,
                message: "A reload was refused; what was in force stays. \(failure)"
            )
        )
        let count = live.settings.rules.rules.count
        await enter(.reloaded(what, rules: count, isInForce: false))
        return ReloadReport(rules: count, problems: failure.fileProblems)
    }

    /// A full disk does not keep rules from being reloaded: then the journal alone has it.
    private func enter(_ action: AuditAction) async {
        do throws(StoreError) {
            try await store.enter(action)
        } catch {
            events.record(
                Event(
                    .storeUnavailable,
                    priority: .error,
                    message: "The audit log could not take an entry about a reload. \(error)"
                )
            )
        }
    }

    private static func refuseFixed(
        _ old: Configuration,
        _ new: Configuration,
        file: String
    ) throws(StartFailure) {
        var changed: [String] = []
        if old.listen != new.listen { changed.append("listen") }
        if old.state != new.state { changed.append("state") }
        if old.key != new.key { changed.append("key") }
        if old.store != new.store { changed.append("store") }
        guard changed.isEmpty else {
            throw .configuration(
                changed.map {
                    ConfigProblem(
                        file: file,
                        message: "'\($0)' cannot change while prefd runs",
                        hint: "restart prefd to change it"
                    )
                }
            )
        }
    }
}

extension StartFailure {
    /// The failure as the admin API reports it.
    var fileProblems: [FileProblem] {
        switch self {
        case .configuration(let problems):
            problems.map {
                FileProblem(
                    file: $0.file,
                    line: $0.line,
                    column: $0.column,
                    message: $0.message,
                    hint: $0.hint
                )
            }
        case .rules(let error): RuleReports.problems(error)
        case .topics(let error):
            error.problems.map {
                FileProblem(
                    file: $0.file,
                    line: $0.line,
                    column: nil,
                    message: $0.message,
                    hint: nil
                )
            }
        default: [FileProblem(file: "", message: description)]
        }
    }
}

extension Settings {
    /// One line for `systemctl status`.
    var status: String {
        let names = directory.backends.map(\.name).joined(separator: ", ")
        return "Serving with \(rules.rules.count) rules; backends: \(names)"
    }
}
