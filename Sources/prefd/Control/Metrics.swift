import PrefAPI
import PrefModel
import PrefPipeline
import PrefRules

/// The data plane's counts as metric families.
///
/// No label tells users apart.
struct Metrics: MetricsSource {
    let counters: PipelineCounters
    let inFlight: InFlight
    let live: LiveSettings

    func metrics() async -> [MetricFamily] {
        let counts = counters.snapshot
        return [
            counter(
                "prefd_answers_total",
                "Answers given, by HTTP status.",
                counts.answers.sorted { $0.key < $1.key }.map {
                    ([("status", String($0.key))], $0.value)
                }
            ),
            counter(
                "prefd_refused_total",
                "Requests that prefd refused itself, by error code.",
                counts.refused.sorted { $0.key < $1.key }.map { ([("code", $0.key)], $0.value) }
            ),
            counter(
                "prefd_personalized_total",
                "Requests whose prompt got a block of preferences.",
                [([], counts.personalized)]
            ),
            counter(
                "prefd_rule_hits_total",
                "Matches of universal rules, by rule and action.",
                counts.ruleHits.sorted { $0.key.rule < $1.key.rule }.map {
                    ([("rule", $0.key.rule), ("action", $0.key.action)], $0.value)
                }
            ),
            counter(
                "prefd_rule_unchecked_total",
                "Answers on which a rule's model gave no verdict, by rule and reason.",
                counts.unchecked.sorted { $0.key.rule < $1.key.rule }.map {
                    ([("rule", $0.key.rule), ("reason", $0.key.reason)], $0.value)
                }
            ),
            counter(
                "prefd_backend_failures_total",
                "Exchanges that failed at a backend, by backend.",
                counts.backendFailures.sorted { $0.key < $1.key }.map {
                    ([("backend", $0.key)], $0.value)
                }
            ),
            gauge("prefd_requests_in_flight", "Requests that are running now.", inFlight.total),
            gauge("prefd_rules", "Universal rules in force.", live.settings.rules.rules.count),
        ]
    }

    private func counter(
        _ name: String,
        _ help: String,
        _ samples: [(labels: [(name: String, value: String)], value: Int)]
    ) -> MetricFamily {
        MetricFamily(
            name: name,
            help: help,
            kind: .counter,
            samples: samples.map { MetricFamily.Sample(labels: $0.labels, value: Double($0.value)) }
        )
    }

    private func gauge(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
        MetricFamily(
            name: name,
            help: help,
            kind: .gauge,
            samples: [MetricFamily.Sample(value: Double(value))]
        )
    }
}
