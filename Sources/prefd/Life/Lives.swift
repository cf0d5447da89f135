import Logging
import NIOCore
import PrefAPI
import PrefModel
import PrefStore
import ServiceLifecycle
import Systemd
import UnixHTTP
import UnixSignals

/// A server's life: serves until the shutdown begins, then lets what runs finish.
struct ServerLife: Service {
    let server: HTTPServer
    let grace: Duration

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            server.beginShutdown(grace: grace)
        }
    }
}

/// Closes the store when everything that uses it has ended.
struct StoreLife: Service {
    let store: Store

    func run() async throws {
        try? await gracefulShutdown()
        await store.checkpointAndClose()
    }
}

/// Moves the point where users start toward those who let themselves be counted.
struct StartingPointLife: Service {
    /// Long enough that people who come and go do not keep it busy.
    private static let interval = Duration.seconds(600)
    let point: StartingPoint
    let events: EventJournal

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Not while the first requests come in.
            try? await Task.sleep(for: .seconds(20))
            while !Task.isCancelled {
                do throws(StoreError) {
                    try await point.refresh()
                } catch {
                    events.record(
                        Event(
                            .storeUnavailable,
                            priority: .error,
                            message: "Users' signals could not be read for where others start."
                        )
                    )
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}

/// Reads configuration and rules again on SIGHUP.
struct ReloadOnHangup: Service {
    /// Trapped before the service is ready: one that comes early is not lost, nor ends the process.
    let hangups: UnixSignalsSequence
    let reloader: Reloader

    func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() {
            _ = await reloader.reload()
        }
    }
}

/// Ends when the process is told to stop, and the others with it.
struct StopOnSignal: Service {
    /// Trapped before the service is ready: one that comes early stops it as one that comes late.
    let stops: UnixSignalsSequence

    func run() async throws {
        for await _ in stops.cancelOnGracefulShutdown() { return }
    }
}

/// Tells the service manager that this process is not stuck.
///
/// Every event loop has to answer first: exchanges run on them, and one that stands still would go
/// unnoticed by a timer that runs elsewhere.
struct Watchdog: Service {
    let notify: Notify
    let eventLoops: any EventLoopGroup

    func run() async throws {
        guard let interval = notify.watchdogInterval else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                for loop in eventLoops.makeIterator() { try? await loop.submit {}.get() }
                notify.watchdog()
                try? await Task.sleep(for: interval / 2)
            }
        }
    }
}

/// Says that the service is stopping.
///
/// The last of the services, so the first to hear of it.
struct StopNotice: Service {
    let notify: Notify
    let events: EventJournal

    func run() async throws {
        try? await gracefulShutdown()
        notify.stopping(status: "Finishing what is running")
        events.record(
            Event(
                .stopping,
                priority: .notice,
                message: "prefd is stopping; running answers finish first."
            )
        )
    }
}

/// The service group's own log, which would say nothing that the journal does not.
enum Quiet {
    static let logger = Logger(label: "prefd.lifecycle") { _ in SwiftLogNoOpLogHandler() }
}
