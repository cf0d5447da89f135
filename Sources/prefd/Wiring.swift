import Foundation
import Glibc
public import PrefAPI
import PrefConfig
import PrefLearning
import PrefModel
public import PrefPipeline
import PrefStore
import UnixHTTP

extension RequestLog: RequestHistory {}

extension LearningStore: ProfileSource {}

extension NoticedSignals: SignalSink {}

extension Tastes: AnswerRanking {}

extension Tastes {
    /// What is learned from a store's signals, as the configuration has it.
    convenience init(
        _ settings: Configuration.Learning,
        store: Store,
        events: any EventSink
    ) {
        var parameters = LearningParameters()
        parameters.halfLifeDays = Double(settings.halfLife.components.seconds) / 86_400
        var policy = DirectivePolicy()
        policy.sureness = Double(settings.surenessPercent) / 100
        policy.leastSignals = settings.leastSignals
        policy.staleAfterDays = Double(settings.askAgainAfter.components.seconds) / 86_400
        self.init(
            learner: Learner(parameters: parameters),
            policy: policy,
            signals: { principal in try await store.keptSignals(of: principal) },
            onFailure: { principal in
                events.record(
                    Event(
                        .storeUnavailable,
                        priority: .error,
                        message: "A user's signals could not be read; nothing learned was used.",
                        pseudonym: store.pseudonym(of: principal)
                    )
                )
            }
        )
    }
}

extension APILimits {
    init(_ configuration: Configuration) {
        self.init(
            callsPerPrincipal: configuration.limits.requestsPerUser,
            signalRetentionSeconds: configuration.retention.signals.components.seconds,
            contentRetentionSeconds: configuration.retention.content.components.seconds
        )
    }
}

extension BackendDirectory {
    /// The configured backends; where there are none, one found on this machine, or the mirror.
    ///
    /// - Throws: ``StartFailure/secret(_:)``.
    static func resolve(
        _ configuration: Configuration,
        through client: HTTPClient,
        replacing old: BackendDirectory? = nil
    ) async throws(StartFailure) -> BackendDirectory {
        guard configuration.backends.isEmpty else {
            return try BackendDirectory(configured: configuration.backends, replacing: old)
        }
        let found = await Discovery.localBackend(through: client)
        return BackendDirectory(found: found, replacing: old)
    }
}

extension ListenAddress {
    /// The socket that the service manager passed, or one made at a path.
    ///
    /// - Throws: ``StartFailure/directory(_:)`` where the socket's directory cannot be made.
    init(_ passed: CInt?, path: String, mode: mode_t) throws(StartFailure) {
        if let passed {
            self = .inherited(fileDescriptor: passed)
            return
        }
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        if !FileManager.default.fileExists(atPath: directory) {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory,
                    withIntermediateDirectories: true
                )
                // Whatever the umask: any local user may connect to the data socket.
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755],
                    ofItemAtPath: directory
                )
            } catch {
                throw .directory(
                    "The directory \(directory) for the socket cannot be made: \(error.localizedDescription)"
                )
            }
        }
        self = .path(path, mode: mode)
    }
}
