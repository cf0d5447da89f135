/// One metric with its samples.
///
/// Source: Prometheus text exposition format 0.0.4.
public struct MetricFamily: Sendable {
    /// What kind of metric.
    public enum Kind: String, Sendable {
        /// Only ever grows; its name ends in `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// How values are spread: `_bucket` samples by `le`, `_sum` and `_count`.
        case histogram
    }

    /// One value with its labels.
    public struct Sample: Sendable {
        /// What follows the metric's name: one of a histogram's endings, or nothing.
        public let suffix: String
        /// Label values by name; never one that tells users apart.
        public let labels: [(name: String, value: String)]
        /// The value, in the unit that the metric's name gives.
        public let value: Double

        /// Makes a sample.
        public init(
            suffix: String = "",
            labels: [(name: String, value: String)] = [],
            value: Double
        ) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// The metric's name, unit included: `prefd_requests_total`.
    public let name: String
    /// What it counts, in words.
    public let help: String
    /// What kind of metric.
    public let kind: Kind
    /// Its samples.
    public let samples: [Sample]

    /// Makes a family.
    public init(name: String, help: String, kind: Kind, samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }
}
