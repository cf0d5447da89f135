import PrefAPI
import PrefControl
import PrefPipeline

extension Metrics {
    /// What is known of the backends, each family by backend.
    func backendFamilies(_ counts: PipelineCounters.Snapshot) async -> [MetricFamily] {
        let lines = live.settings.directory.backends.map { (name: $0.name, sight: $0.line.sight) }
        let states = await backends.states()
        return [
            .gauge(
                "prefd_backend_state",
                "1 for the state that a backend is in, 0 for the others.",
                states.flatMap { backend in
                    BackendState.Condition.allCases.map {
                        (
                            [("backend", backend.name), ("state", $0.rawValue)],
                            backend.state == $0 ? 1 : 0
                        )
                    }
                }
            ),
            .gauge(
                "prefd_backend_suspended",
                "1 for a backend that is left alone after failing again and again.",
                lines.map { ([("backend", $0.name)], $0.sight.isSuspended ? 1 : 0) }
            ),
            .gauge(
                "prefd_backend_requests_running",
                "Requests that a backend has now.",
                lines.map { ([("backend", $0.name)], $0.sight.running) }
            ),
            .gauge(
                "prefd_backend_requests_waiting",
                "Requests that wait for a backend to have a place for them.",
                lines.map { ([("backend", $0.name)], $0.sight.waiting) }
            ),
            .counter(
                "prefd_backend_failures_total",
                "Exchanges that failed at a backend.",
                Self.byBackend(counts.backendFailures)
            ),
            .counter(
                "prefd_backend_suspensions_total",
                "How often a backend was left alone after failing again and again.",
                Self.byBackend(counts.suspensions)
            ),
            .counter(
                "prefd_backend_fallbacks_total",
                "Requests that went to a fallback, by the backend that could not take them.",
                counts.fallbacks.sorted {
                    ($0.key.backend, $0.key.fallback) < ($1.key.backend, $1.key.fallback)
                }.map { ([("backend", $0.key.backend), ("fallback", $0.key.fallback)], $0.value) }
            ),
            .histogram(
                "prefd_backend_response_seconds",
                "From a request's sending to the head of the backend's answer.",
                Self.byBackend(counts.responses)
            ),
            .histogram(
                "prefd_backend_queue_seconds",
                "How long requests waited for their turn at a backend with max_concurrent.",
                Self.byBackend(counts.queued)
            ),
        ]
    }

    private static func byBackend<Value>(
        _ values: [String: Value]
    ) -> [(labels: [MetricFamily.Label], value: Value)] {
        values.sorted { $0.key < $1.key }.map { (labels: [("backend", $0.key)], value: $0.value) }
    }
}
