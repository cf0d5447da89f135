import PrefControl
import PrefPipeline

/// What is known of the backends: from the requests that went to them, and where none did lately, from
/// a connection made and closed again. Never asks a model anything.
actor BackendWatch {
    /// How long something seen counts as news: whoever asks more often gets the last answer.
    private static let freshness = Duration.seconds(5)
    private static let probeTimeout = Duration.seconds(1)

    private struct Probe {
        let line: BackendLine
        let at: ContinuousClock.Instant
        let failure: UpstreamFailure?
    }

    private let live: LiveSettings
    private let upstream: HTTPUpstream
    private var probes: [String: Probe] = [:]
    private var running: [String: Task<UpstreamFailure?, Never>] = [:]

    init(live: LiveSettings, upstream: HTTPUpstream) {
        self.live = live
        self.upstream = upstream
    }

    /// The backends as they stand.
    func states() async -> [BackendState] {
        let directory = live.settings.directory
        return await withTaskGroup(of: (Int, BackendState).self) { group in
            for (index, backend) in directory.backends.enumerated() {
                group.addTask { (index, await self.state(of: backend, origin: directory.origin)) }
            }
            var states: [(Int, BackendState)] = []
            for await state in group { states.append(state) }
            return states.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func state(of backend: Backend, origin: String) async -> BackendState {
        guard backend != Mirror.backend else {
            return BackendState(
                name: backend.name,
                state: .ready,
                detail: "built in: answers with the prompt, there is no model"
            )
        }
        let sight = backend.line.sight
        if sight.isSuspended {
            return BackendState(
                name: backend.name,
                state: .unreachable,
                detail: "left alone after failing again and again: \(sight.failure ?? "")"
            )
        }
        if sight.failure == nil, let answered = sight.answered, answered < Self.freshness {
            return BackendState(name: backend.name, state: .ready, detail: "answers requests")
        }
        if let failure = await probe(backend) {
            return BackendState(
                name: backend.name,
                state: .unreachable,
                detail: failure.inWords
            )
        }
        guard let failure = sight.failure else {
            return BackendState(
                name: backend.name,
                state: .ready,
                detail: sight.answered == nil
                    ? "\(origin); takes connections, no request yet" : "takes connections"
            )
        }
        return BackendState(
            name: backend.name,
            state: .unknown,
            detail: "takes connections, but of the last request: \(failure)"
        )
    }

    private func probe(_ backend: Backend) async -> UpstreamFailure? {
        if let last = probes[backend.name], last.line == backend.line,
            .now - last.at < Self.freshness
        {
            return last.failure
        }
        // Whoever asks meanwhile waits for the same probe.
        let task =
            running[backend.name]
            ?? Task { [upstream] in
                await upstream.probe(backend.name, timeout: Self.probeTimeout)
            }
        running[backend.name] = task
        let failure = await task.value
        running[backend.name] = nil
        probes[backend.name] = Probe(line: backend.line, at: .now, failure: failure)
        return failure
    }
}
