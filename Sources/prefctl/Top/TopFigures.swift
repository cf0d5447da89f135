/// What `prefctl top` shows of one interval.
struct TopFigures: Codable, Sendable {
    /// Quantiles of a time, in seconds; absent where nothing happened.
    struct Times: Codable, Sendable {
        let p50: Double?
        let p95: Double?
        let p99: Double?
    }

    struct Backend: Codable, Sendable {
        let name: String
        let state: String
        let running: Int
        let waiting: Int
        let response: Times
        let failures: Int
    }

    struct Rule: Codable, Sendable {
        let rule: String
        let action: String
        /// In the interval.
        let hits: Int
        /// Since prefd started.
        let total: Int
    }

    let version: String
    /// How long the interval is; since the start of prefd where there is only one scrape.
    let seconds: Double
    let answersPerSecond: Double
    let refusedPerSecond: Double
    let failuresPerSecond: Double
    let inFlight: Int
    let memoryBytes: Int
    /// Of one core, 1 being all of it.
    let cpu: Double
    let duration: Times
    let firstByte: Times
    let added: Times
    let backends: [Backend]
    let rules: [Rule]

    private enum CodingKeys: String, CodingKey {
        case version, seconds, cpu, duration, added, backends, rules
        case answersPerSecond = "answers_per_second"
        case refusedPerSecond = "refused_per_second"
        case failuresPerSecond = "failures_per_second"
        case inFlight = "in_flight"
        case memoryBytes = "memory_bytes"
        case firstByte = "first_byte"
    }

    /// What changed between two scrapes that are `seconds` apart.
    init(_ now: MetricSamples, since earlier: MetricSamples, seconds: Double) {
        func gained(_ name: String, _ labels: [String: String] = [:]) -> Double {
            // A restart in between starts counting anew.
            max(0, now.sum(name, labels) - earlier.sum(name, labels))
        }
        func times(_ name: String, _ labels: [String: String] = [:]) -> Times {
            func quantile(_ share: Double) -> Double? {
                now.quantile(share, of: name, labels, since: earlier)
            }
            return Times(p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99))
        }
        version = now.all("prefd_build_info").first?.labels["version"] ?? "?"
        self.seconds = seconds
        answersPerSecond = gained("prefd_answers_total") / seconds
        refusedPerSecond = gained("prefd_refused_total") / seconds
        failuresPerSecond = gained("prefd_backend_failures_total") / seconds
        inFlight = Int(now.sum("prefd_requests_in_flight"))
        memoryBytes = Int(now.sum("process_resident_memory_bytes"))
        cpu = gained("process_cpu_seconds_total") / seconds
        duration = times("prefd_request_duration_seconds")
        firstByte = times("prefd_time_to_first_byte_seconds")
        added = times("prefd_added_latency_seconds")
        backends = now.values(of: "backend", in: "prefd_backend_state").map { name in
            let state = now.all("prefd_backend_state").first {
                $0.labels["backend"] == name && $0.value == 1
            }
            let isSuspended = now.sum("prefd_backend_suspended", ["backend": name]) > 0
            return Backend(
                name: name,
                state: isSuspended ? "suspended" : state?.labels["state"] ?? "?",
                running: Int(now.sum("prefd_backend_requests_running", ["backend": name])),
                waiting: Int(now.sum("prefd_backend_requests_waiting", ["backend": name])),
                response: times("prefd_backend_response_seconds", ["backend": name]),
                failures: Int(gained("prefd_backend_failures_total", ["backend": name]))
            )
        }
        rules = now.all("prefd_rule_hits_total").map { sample in
            Rule(
                rule: sample.labels["rule"] ?? "?",
                action: sample.labels["action"] ?? "?",
                hits: Int(gained("prefd_rule_hits_total", sample.labels)),
                total: Int(sample.value)
            )
        }.sorted { ($1.hits, $1.total, $0.rule) < ($0.hits, $0.total, $1.rule) }
    }
}
