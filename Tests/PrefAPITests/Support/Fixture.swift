import FoundationEssentials
import PrefControl
import PrefLearning
import PrefModel
import PrefStore
import Synchronization

@testable import PrefAPI

/// prefd's own API on a real store in a directory of its own.
struct Fixture: Sendable {
    let store: Store
    let tastes: Tastes
    let start: StartingPoint
    let history: KeptHistory
    let service: FixedService
    let events: KeptEvents
    let data: DataAPI
    let admin: AdminAPI

    static let alice = Principal.user(uid: 1_000)
    static let bob = Principal.user(uid: 1_001)

    /// Runs a test on a fixture that is gone afterwards.
    static func run(
        limits: APILimits = APILimits(),
        topics: [Topic]? = nil,
        _ test: (Fixture) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/prefapi-" + RandomID.new()
        let store = try await Store.open(
            directory: path + "/state",
            source: .file(path: path + "/key", store: path + "/state")
        )
        let fixture = Fixture(store: store, limits: limits, topics: topics)
        do {
            try await test(fixture)
        } catch {
            await store.checkpointAndClose()
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
        await store.checkpointAndClose()
        try FileManager.default.removeItem(atPath: path)
    }

    private init(store: Store, limits: APILimits, topics: [Topic]?) {
        self.store = store
        history = KeptHistory()
        service = FixedService()
        events = KeptEvents()
        var source: TopicsSource?
        if let topics { source = { topics } }
        tastes = Tastes(signals: { principal in try await store.keptSignals(of: principal) })
        start = StartingPoint(store: store, tastes: tastes)
        data = DataAPI(
            store: LearningStore(store, tastes: tastes, start: start),
            tastes: tastes,
            history: history,
            service: service,
            events: events,
            limits: limits,
            screen: { text, dimension throws(PreferenceRefusal) in
                if text.contains("ignore") {
                    throw .unsafeText(dimension, reason: "it reads as an instruction.")
                }
            },
            topics: source
        )
        admin = AdminAPI(
            data: data,
            rules: FixedRules(),
            service: service,
            metrics: FixedMetrics(),
            statistics: PopulationDesk(
                store: store,
                learner: tastes.shipped,
                epsilon: 4,
                total: 9
            ),
            custody: store,
            backups: BackupDesk(store: store)
        )
    }

    /// One call on the data socket.
    func call(
        _ method: String,
        _ target: String,
        _ body: String = "",
        as principal: Principal = alice,
        from app: String = "cli",
        headers: [(name: String, value: String)] = []
    ) async -> Answer {
        Answer(
            await data.respond(
                to: APIRequest(
                    method: method,
                    target: target,
                    headers: headers,
                    body: Array(body.utf8),
                    principal: principal,
                    app: app
                )
            )
        )
    }

    /// One call on the admin socket.
    func adminCall(
        _ method: String,
        _ target: String,
        _ body: String = "",
        isAdmin: Bool = true
    ) async -> Answer {
        Answer(
            await admin.respond(
                to: APIRequest(
                    method: method,
                    target: target,
                    body: Array(body.utf8),
                    principal: .user(uid: 0),
                    app: "prefctl",
                    isAdmin: isAdmin
                )
            )
        )
    }
}

/// An answer with its body read as JSON.
struct Answer {
    let response: APIResponse
    let json: JSONNode

    init(_ response: APIResponse) {
        self.response = response
        json = (try? JSONParser.parse(response.body)) ?? .null
    }

    var status: Int { response.status }
    var text: String { String(decoding: response.body, as: UTF8.self) }

    /// The code of an error, or nil.
    var code: String? { json["error"]?["code"]?.string }
    var message: String? { json["error"]?["message"]?.string }
    var hint: String? { json["error"]?["hint"]?.string }

    func header(_ name: String) -> String? { response.headers.first { $0.name == name }?.value }
}

extension JSONNode {
    subscript(name: String) -> JSONNode? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    subscript(index: Int) -> JSONNode? {
        if case .array(let elements) = self, elements.indices.contains(index) {
            elements[index]
        } else {
            nil
        }
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var count: Int? { if case .array(let elements) = self { elements.count } else { nil } }
    var keys: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }
}

/// Explanations that a test put there.
final class KeptHistory: RequestHistory {
    private let kept = Mutex<[(Principal, Explanation)]>([])
    private let measured = Mutex<[String: TextFeatures]>([:])

    func keep(_ explanation: Explanation, of principal: Principal) {
        kept.withLock { $0.append((principal, explanation)) }
    }

    func explanation(id: String, of principal: Principal) -> Explanation? {
        explanations(of: principal).first { $0.id == id }
    }

    func explanations(of principal: Principal) -> [Explanation] {
        kept.withLock { kept in kept.filter { $0.0 == principal }.map(\.1) }
    }

    func answerFeatures(id: String, of principal: Principal) -> TextFeatures? {
        measured.withLock { $0[id] }
    }

    func forgetAnswers(of principal: Principal) { measured.withLock { $0 = [:] } }

    func measure(_ text: String, as id: String) {
        measured.withLock { $0[id] = AnswerFeatures.measure(text) }
    }

    func forget(_ principal: Principal) { kept.withLock { $0.removeAll { $0.0 == principal } } }
}

/// Events as they were recorded.
final class KeptEvents: EventSink {
    private let kept = Mutex<[Event]>([])

    func record(_ event: Event) { kept.withLock { $0.append(event) } }

    var all: [Event] { kept.withLock { $0 } }
    var kinds: [EventKind] { all.map(\.kind) }

    /// Every field of every event, as the journal would have them.
    var text: String {
        all.flatMap(\.fields).map { "\($0.name)=\($0.value)" }.joined(separator: "\n")
    }
}

/// A service in a state that a test chose.
final class FixedService: ServiceControl {
    private let storeIsReady = Mutex(true)
    private let level = Mutex(LogLevel.info)

    func setStoreReady(_ ready: Bool) { storeIsReady.withLock { $0 = ready } }

    func readiness() -> Readiness {
        Readiness(
            store: ComponentState(ready: storeIsReady.withLock { $0 }, detail: "open"),
            rules: ComponentState(ready: true, detail: "12 rules"),
            backends: [BackendState(name: "local", state: .ready, detail: "http://127.0.0.1:8080")]
        )
    }

    func status() -> ServiceStatus {
        ServiceStatus(
            version: "0.1.0",
            processID: 7,
            startedAt: Date(timeIntervalSince1970: 0),
            configFile: nil,
            rulesDirectory: nil,
            rules: 12,
            users: 0,
            readiness: readiness()
        )
    }

    func checkConfig(file: String?) -> ConfigReport {
        ConfigReport(
            file: file,
            problems: file == "/bad.yaml" ? [FileProblem(file: "/bad.yaml", message: "bad")] : []
        )
    }

    func reload() -> ReloadReport { ReloadReport(rules: 12, problems: []) }
    func inspect() -> SelfCheck {
        SelfCheck(version: "0.1.0", findings: [Finding("disk", .ok, "enough")])
    }
    func logLevel() -> LogLevel { level.withLock { $0 } }
    func setLogLevel(_ level: LogLevel) { self.level.withLock { $0 = level } }
}

/// Rules that load, except under `/bad`.
struct FixedRules: RulesControl {
    private let problem = FileProblem(file: "/bad/a.yaml", line: 3, message: "a rule has no id")

    func list() -> RuleList {
        RuleList(rules: [
            RuleEntry(
                pack: "p",
                id: "r",
                description: "d",
                detector: "regex",
                where: ["output"],
                action: "redact",
                cases: 2
            )
        ])
    }

    func lint(directory: String?) -> RuleLintReport {
        RuleLintReport(packs: 1, rules: 1, problems: directory == "/bad" ? [problem] : [])
    }

    func test(directory: String?) -> RuleTestReport {
        RuleTestReport(rules: 1, cases: 2, failures: [])
    }

    func tryOut(_ trial: RuleTrial) throws(RulesUnreadable) -> RuleTrialReport {
        if trial.directory == "/bad" { throw RulesUnreadable(problems: [problem]) }
        return RuleTrialReport(blocked: false, output: trial.text, hits: [])
    }

    func reload() -> ReloadReport { ReloadReport(rules: 1, problems: [problem]) }
}

/// Two families, one with labels that need escaping.
struct FixedMetrics: MetricsSource {
    func metrics() -> [MetricFamily] {
        [
            MetricFamily(
                name: "prefd_requests_total",
                help: "Requests\nserved.",
                kind: .counter,
                samples: [
                    .init(labels: [("endpoint", "/v1/\"chat\"\\"), ("status", "200")], value: 3)
                ]
            ),
            MetricFamily(
                name: "prefd_held_bytes",
                help: "Bytes held.",
                kind: .gauge,
                samples: [.init(value: 0.5)]
            ),
        ]
    }
}

extension Explanation {
    /// A request whose prompt had one directive in it.
    static func sample(
        id: String,
        app: String = "cli",
        experiments: [ExperimentArm] = []
    ) -> Explanation {
        let key = PreferenceKey(dimension: DimensionID(rawValue: "verbosity"))
        return Explanation(
            id: id,
            at: Date(timeIntervalSince1970: 1_795_464_000),
            endpoint: "/v1/chat/completions",
            model: "m",
            backend: "local",
            context: RequestContext(task: .coding, app: app),
            tier: .personalizable,
            mode: .on,
            block: "Be concise.",
            injected: [
                Directive(key: key, value: "concise", source: .explicit, text: "Be concise.")
            ],
            withheld: [],
            experiments: experiments
        )
    }
}
