import Foundation
import NIOPosix
import PrefAPI
import PrefConfig
import PrefControl
import PrefModel
import PrefPipeline
import PrefRules
import PrefStore
import PrefTopics
import ServiceLifecycle
import Systemd
import UnixHTTP
import UnixSignals

/// The running service: joins the parts, and takes them through their life.
struct Daemon {
    private let source: ConfigurationSource
    private let live: LiveSettings
    private let events: EventJournal
    private let notify: Notify
    private let store: Store
    private let housekeeping: HousekeepingLife
    private let upstream: HTTPUpstream
    private let client: HTTPClient
    private let dataServer: HTTPServer
    private let adminServer: HTTPServer
    private let reloader: Reloader
    private let startingPoint: StartingPoint

    /// Reads what is needed and opens the store; nothing is served yet.
    ///
    /// The order matters: whatever can be wrong with the configuration, the rules and the key is found
    /// before the store is touched, and all of it before a socket is taken.
    ///
    /// - Throws: ``StartFailure``.
    init(source: ConfigurationSource, configuration: Configuration) async throws {
        let environment = ProcessInfo.processInfo.environment
        let passed: [String: CInt]
        do { passed = try ListenFDs.named() } catch { throw StartFailure.passedSockets(error) }
        notify = Notify()
        let writer = JournalWriter(target: .chosen(environment: environment))
        let events = EventJournal(writer, level: configuration.logLevel)
        let client = HTTPClient()
        self.source = source
        self.events = events
        self.client = client

        async let topicsInForce = TopicsInForce.load(configuration.tiers)
        let rules = try RulesInForce.load(configuration)
        let topics = try await topicsInForce
        let directory = try await BackendDirectory.resolve(configuration, through: client)
        let restored = try await StateStore.finishRestore(configuration, environment: environment)
        if let restored { events.record(Event(restored: restored)) }
        let store = try await StateStore.open(
            configuration,
            environment: environment,
            events: events
        )
        self.store = store
        StateStore.announce(store, to: events)

        let live = LiveSettings(
            Settings(
                configuration: configuration,
                rules: rules,
                topics: topics,
                directory: directory
            )
        )
        self.live = live
        let tastes = Tastes(configuration.learning, store: store, events: events)
        housekeeping = HousekeepingLife(
            housekeeping: Housekeeping(store: store),
            tastes: tastes,
            events: events
        )
        store.onForeignChange { changed in
            guard let changed else { return tastes.forgetAll() }
            tastes.forget(changed, named: store.pseudonym(of:))
        }
        let start = StartingPoint(store: store, tastes: tastes)
        startingPoint = start
        let learning = LearningStore(store, tastes: tastes, start: start)
        upstream = HTTPUpstream(client: client, routes: directory.routes)
        let log = RequestLog()
        let counters = PipelineCounters()
        let inFlight = InFlight()
        let pipeline = Pipeline(
            settings: { live.pipeline },
            profiles: learning,
            signals: NoticedSignals(store: learning, events: events),
            ranking: tastes,
            upstream: MirrorUpstream(before: upstream),
            events: events,
            log: log,
            inFlight: inFlight,
            counters: counters
        )
        reloader = Reloader(
            source: source,
            live: live,
            upstream: upstream,
            client: client,
            events: events,
            notify: notify,
            store: store
        )
        let watch = BackendWatch(live: live, upstream: upstream)
        let facts = ServiceFacts(
            source: source,
            live: live,
            store: store,
            reloader: reloader,
            backends: watch,
            events: events
        )
        let data = DataAPI(
            store: learning,
            tastes: tastes,
            history: log,
            service: facts,
            events: events,
            limits: APILimits(configuration),
            screen: FreeText.screen,
            topics: { live.settings.topics.topics }
        )
        let admin = AdminAPI(
            data: data,
            rules: RulesDesk(live: live, reloader: reloader, pipeline: pipeline),
            service: facts,
            metrics: Metrics(
                counters: counters,
                inFlight: inFlight,
                live: live,
                store: store,
                backends: watch,
                tastes: tastes,
                start: start
            ),
            statistics: PopulationDesk(
                store: store,
                learner: tastes.shipped,
                epsilon: configuration.learning.populationEpsilon,
                total: configuration.learning.populationBudget
            ),
            custody: store,
            backups: BackupDesk(store: store)
        )

        var limits = ServerLimits()
        limits.maxBodyBytes = configuration.limits.bodyBytes
        // A body is in memory twice while it is sent on with a block in it, and grows by doubling. However
        // little there is, one of each of two users fits.
        limits.maxBodyBytesInHand = max(
            MemoryAllowance.bytes / 4,
            2 * configuration.limits.bodyBytes
        )
        limits.maxConnectionsPerUser = configuration.limits.connectionsPerUser
        dataServer = HTTPServer(
            address: try ListenAddress(
                passed["data"],
                path: configuration.listen.data,
                mode: 0o666
            ),
            limits: limits
        ) { credentials in
            let peer = PeerApp.identify(credentials, among: live.settings.configuration)
            return DataPlane(peer: peer, pipeline: pipeline, api: data)
        }
        let isOwn = source.file == nil && passed["admin"] == nil
        adminServer = HTTPServer(
            address: try ListenAddress(
                passed["admin"],
                path: configuration.listen.admin,
                mode: isOwn ? 0o600 : 0o660
            ),
            limits: ServerLimits()
        ) { credentials in
            guard AdminAccess.admits(credentials) else {
                events.record(
                    Event(
                        .identityRefused,
                        priority: .warning,
                        message: "Refused a peer on the admin socket.",
                        pseudonym: store.pseudonym(of: .user(uid: credentials.uid))
                    )
                )
                return RefusedPlane()
            }
            return AdminPlane(
                peer: PeerApp.identify(credentials, among: live.settings.configuration),
                api: admin
            )
        }
    }

    /// Serves until told to stop.
    ///
    /// - Throws: ``StartFailure`` where a socket cannot be served on.
    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let stops = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        do {
            try await dataServer.listen()
            try await adminServer.listen()
        } catch {
            dataServer.beginShutdown(grace: .zero)
            await store.checkpointAndClose()
            throw StartFailure.listen("\(error)")
        }
        // Off the event loops: the first free text should find its rules compiled.
        Task.detached(priority: .utility) { FreeText.prepare() }
        announce()
        let grace = live.settings.configuration.shutdownGrace
        // Shut down in reverse: apps are let finish before admins, and both before the store closes.
        let lives: [any Service] = [
            StoreLife(store: store), ReloadOnHangup(hangups: hangups, reloader: reloader),
            housekeeping,
            StartingPointLife(point: startingPoint, events: events),
            Watchdog(notify: notify, eventLoops: MultiThreadedEventLoopGroup.singleton),
            ServerLife(server: adminServer, grace: .seconds(1)),
            ServerLife(server: dataServer, grace: grace),
            StopNotice(notify: notify, events: events),
        ]
        let stop = ServiceGroupConfiguration.ServiceConfiguration(
            service: StopOnSignal(stops: stops),
            successTerminationBehavior: .gracefullyShutdownGroup
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: lives.map { .init(service: $0) } + [stop],
                logger: Quiet.logger
            )
        )
        defer { events.flush() }
        try await group.run()
        await client.shutDown()
    }

    private func announce() {
        let settings = live.settings
        let backends = settings.directory.backends.map(\.name).joined(separator: ", ")
        let how = settings.directory.origin
        events.record(
            Event(
                .started,
                priority: .notice,
                message:
                    "prefd \(PrefdVersion.current) serves with \(settings.rules.rules.count) rules; "
                    + "backends (\(how)): \(backends).",
                more: ["PREFD_VERSION": PrefdVersion.current]
            )
        )
        for warning in settings.configuration.warnings {
            events.record(Event(.started, priority: .warning, message: warning.description))
        }
        notify.ready(status: settings.status)
    }
}
