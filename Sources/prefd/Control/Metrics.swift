import PrefAPI
import PrefControl
import PrefModel
import PrefPipeline
import PrefRules
import PrefStore

/// The service's figures as metric families, named and with units by Prometheus' conventions; labels
/// that OpenTelemetry's conventions for generative AI have a name for bear that name.
///
/// No label tells users apart.
struct Metrics: MetricsSource {
    let counters: PipelineCounters
    let inFlight: InFlight
    let live: LiveSettings
    let store: Store
    let backends: BackendWatch
    let tastes: Tastes
    let start: StartingPoint

    func metrics() async -> [MetricFamily] {
        let counts = counters.snapshot
        return await service() + requests(counts) + latencies(counts) + enforcement(counts)
            + learning() + (await backendFamilies(counts)) + ProcessFigures.families()
    }

    private func service() async -> [MetricFamily] {
        let health = await store.health()
        return [
            .gauge(
                "prefd_build_info",
                "Which prefd this is; always 1.",
                [([("version", PrefdVersion.current)], 1)]
            ),
            .gauge(
                "prefd_store_ready",
                "1 where preferences can be read.",
                health.readable ? 1 : 0
            ),
            .gauge("prefd_users", "People of whom something is kept.", health.users),
            .gauge("prefd_rules", "Universal rules in force.", live.settings.rules.rules.count),
            .gauge("prefd_requests_in_flight", "Requests that are running now.", inFlight.total),
        ]
    }

    private func requests(_ counts: PipelineCounters.Snapshot) -> [MetricFamily] {
        [
            .counter(
                "prefd_answers_total",
                "Answers given, by HTTP status.",
                counts.answers.sorted { $0.key < $1.key }.map {
                    ([("status", String($0.key))], $0.value)
                }
            ),
            .counter(
                "prefd_refused_total",
                "Requests that prefd refused itself, by error code.",
                counts.refused.sorted { $0.key < $1.key }.map { ([("code", $0.key)], $0.value) }
            ),
            .counter(
                "prefd_personalized_total",
                "Requests whose prompt got a block of preferences.",
                [([], counts.personalized)]
            ),
        ]
    }

    private func latencies(_ counts: PipelineCounters.Snapshot) -> [MetricFamily] {
        [
            .histogram(
                "prefd_request_duration_seconds",
                "From the whole request to the answer's end, of requests to a model.",
                Self.byKind(counts.durations)
            ),
            .histogram(
                "prefd_time_to_first_byte_seconds",
                "From the whole request to the first byte of the answer's body.",
                Self.byKind(counts.firstBytes)
            ),
            .histogram(
                "prefd_added_latency_seconds",
                "What prefd itself took until the answer's first byte, without waiting for a turn.",
                [([], counts.added)]
            ),
        ]
    }

    private func enforcement(_ counts: PipelineCounters.Snapshot) -> [MetricFamily] {
        [
            .counter(
                "prefd_rule_hits_total",
                "Matches of universal rules, by rule and action.",
                counts.ruleHits.sorted {
                    ($0.key.rule, $0.key.action) < ($1.key.rule, $1.key.action)
                }
                .map { ([("rule", $0.key.rule), ("action", $0.key.action)], $0.value) }
            ),
            .counter(
                "prefd_rule_unchecked_total",
                "Answers on which a rule's model gave no verdict, by rule and reason.",
                counts.unchecked.sorted { $0.key.rule < $1.key.rule }.map {
                    ([("rule", $0.key.rule), ("reason", $0.key.reason)], $0.value)
                }
            ),
            .histogram(
                "prefd_held_bytes",
                "The most bytes of a streamed answer that waited at once for a verdict.",
                [([], counts.held)]
            ),
        ]
    }

    private static func byKind(
        _ histograms: [PipelineCounters.CallKind: Histogram]
    ) -> [(labels: [MetricFamily.Label], value: Histogram)] {
        histograms.map { kind, histogram in
            (
                labels: [
                    ("gen_ai_operation_name", kind.operation.rawValue),
                    ("gen_ai_provider_name", kind.family.rawValue),
                ],
                value: histogram
            )
        }.sorted { $0.labels.map(\.value).joined() < $1.labels.map(\.value).joined() }
    }
}
