internal import Dispatch
internal import Postgres
internal import Synchronization

extension FleetEngine {
    private static let beat = Duration.seconds(1)
    private static let firstPause = 0.1
    private static let longestPause = 1.0

    /// Listens to the other hosts, and finds out when the server is away and when it is back.
    func watch() {
        reach.lose("it is being connected to")
        DispatchQueue(label: "prefd watch", qos: .utility).async { [weak self] in
            var pause = Self.firstPause
            while let self, !self.isClosed {
                do {
                    try self.listen { pause = Self.firstPause }
                } catch {
                    self.reach.lose("\(error)")
                    Self.sleep(pause)
                    pause = min(pause * 2, Self.longestPause)
                }
            }
        }
    }

    /// Waits until this host hears the others, for as long as a call waits at most.
    func listening() async throws {
        let deadline = ContinuousClock.now + limits.patience
        while reach.isAway, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private var isClosed: Bool { waiting.withLock { $0.isClosed } }

    private func listen(_ onConnected: () -> Void) throws {
        let connection = try server.connect(name: "prefd watch")
        let isListening = try listens(connection)
        isTelling.withLock { $0 = isListening }
        // What was told in between was missed.
        news.dropAll()
        reach.find()
        onConnected()
        while !isClosed {
            let messages = try connection.notifications(within: Self.beat)
            if !messages.isEmpty {
                news.hear(messages)
                continue
            }
            try connection.run("SELECT 1", within: .seconds(2))
            // Another connection had ended, or was slow.
            reach.find()
            if !isListening { news.dropAll() }
        }
    }

    /// Not all that speak PostgreSQL's language tell of changes: then nothing stays in memory for long.
    private func listens(_ connection: PostgresConnection) throws -> Bool {
        do throws(PostgresError) {
            try connection.run("LISTEN prefd")
            return true
        } catch {
            guard case .refused(let state, _) = error, state.hasPrefix("0A") || state == "42601"
            else { throw error }
            return false
        }
    }
}
