import PrefAPI
import PrefPipeline

extension MetricFamily {
    /// A label's name and value.
    typealias Label = (name: String, value: String)

    /// A family of counts that only grow.
    static func counter(
        _ name: String,
        _ help: String,
        _ samples: [(labels: [Label], value: Int)]
    ) -> MetricFamily {
        numbers(name, help, .counter, samples)
    }

    /// A family of numbers that go up and down.
    static func gauge(
        _ name: String,
        _ help: String,
        _ samples: [(labels: [Label], value: Int)]
    ) -> MetricFamily {
        numbers(name, help, .gauge, samples)
    }

    /// One number that goes up and down.
    static func gauge(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
        gauge(name, help, [([], value)])
    }

    private static func numbers(
        _ name: String,
        _ help: String,
        _ kind: Kind,
        _ samples: [(labels: [Label], value: Int)]
    ) -> MetricFamily {
        MetricFamily(
            name: name,
            help: help,
            kind: kind,
            samples: samples.map { Sample(labels: $0.labels, value: Double($0.value)) }
        )
    }

    /// A family of spreads.
    static func histogram(
        _ name: String,
        _ help: String,
        _ histograms: [(labels: [Label], value: Histogram)]
    ) -> MetricFamily {
        MetricFamily(
            name: name,
            help: help,
            kind: .histogram,
            samples: histograms.flatMap { samples($0.value, $0.labels) }
        )
    }

    private static func samples(_ histogram: Histogram, _ labels: [Label]) -> [Sample] {
        var samples: [Sample] = []
        var count = 0
        for (index, inBucket) in histogram.counts.enumerated() {
            count += inBucket
            let bound = index < histogram.bounds.count ? spelling(histogram.bounds[index]) : "+Inf"
            samples.append(
                Sample(suffix: "_bucket", labels: labels + [("le", bound)], value: Double(count))
            )
        }
        samples.append(Sample(suffix: "_sum", labels: labels, value: histogram.sum))
        samples.append(Sample(suffix: "_count", labels: labels, value: Double(count)))
        return samples
    }

    private static func spelling(_ bound: Double) -> String {
        Int(exactly: bound).map(String.init) ?? String(bound)
    }
}
