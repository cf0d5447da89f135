/// How values are spread, in the buckets that Prometheus makes quantiles of.
public struct Histogram: Sendable, Equatable {
    /// The upper bounds of the buckets, inclusive, in growing order; one more bucket has no bound.
    public let bounds: [Double]
    /// How many values are in each bucket, the one without a bound last.
    public private(set) var counts: [Int]
    /// All values together.
    public private(set) var sum = 0.0

    /// Starts empty.
    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// Takes a value in.
    public mutating func observe(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        counts[bucket] += 1
        sum += value
    }

    /// Takes a duration in, in seconds.
    public mutating func observe(_ duration: Duration) {
        observe(Double(duration.wholeMicroseconds) / 1_000_000)
    }
}

extension Histogram {
    /// For what prefd itself takes: from 50 µs to 1 s.
    static let ownSeconds = Histogram(
        bounds: [
            0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
        ]
    )
    /// For what a model takes.
    ///
    /// Source: OpenTelemetry, Semantic Conventions for Generative AI metrics, the advised buckets of
    /// `gen_ai.server.request.duration`.
    static let modelSeconds = Histogram(
        bounds: [
            0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
        ]
    )
    /// For parts of answers.
    static let bytes = Histogram(
        bounds: [0, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304]
    )
}
