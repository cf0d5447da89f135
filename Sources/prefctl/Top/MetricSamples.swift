/// The samples of a scrape of prefd's metrics, as far as `prefctl top` needs them.
///
/// Source: Prometheus text exposition format 0.0.4, as prefd writes it.
struct MetricSamples: Sendable {
    /// One line.
    struct Sample: Sendable {
        let labels: [String: String]
        let value: Double
    }

    private var samples: [String: [Sample]] = [:]

    /// Reads a scrape; lines that are no samples are passed over.
    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "),
                let value = Double(line[line.index(after: space)...])
            else { continue }
            let series = line[..<space]
            let name = String(series.prefix { $0 != "{" })
            let labels = Self.labels(series.dropFirst(name.count))
            samples[name, default: []].append(Sample(labels: labels, value: value))
        }
    }

    /// The samples of a name.
    func all(_ name: String) -> [Sample] { samples[name] ?? [] }

    /// All samples of a name with these labels together.
    func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        all(name).filter { $0.has(labels) }.reduce(0) { $0 + $1.value }
    }

    /// The values of a label, in order, each once.
    func values(of label: String, in name: String) -> [String] {
        Set(all(name).compactMap { $0.labels[label] }).sorted()
    }

    /// A quantile of what a histogram has gained since `earlier`; nil where that is nothing.
    ///
    /// As Prometheus' `histogram_quantile`: as if values were spread evenly within a bucket.
    func quantile(
        _ share: Double,
        of name: String,
        _ labels: [String: String] = [:],
        since earlier: MetricSamples?
    ) -> Double? {
        var buckets: [Double: Double] = [:]
        for (scrape, sign) in [(self, 1.0), (earlier, -1.0)] {
            for sample in scrape?.all(name + "_bucket") ?? [] where sample.has(labels) {
                guard let bound = sample.labels["le"].flatMap(Double.init) else { continue }
                buckets[bound, default: 0] += sign * sample.value
            }
        }
        let ordered = buckets.sorted { $0.key < $1.key }
        guard let total = ordered.last?.value, total > 0 else { return nil }
        let rank = share * total
        var below = (bound: 0.0, count: 0.0)
        for (bound, count) in ordered {
            if count >= rank {
                guard bound.isFinite, count > below.count else { return below.bound }
                let within = (rank - below.count) / (count - below.count)
                return below.bound + (bound - below.bound) * within
            }
            below = (bound, count)
        }
        return below.bound
    }

    private static func labels(_ text: Substring) -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text.dropFirst()
        while let equals = rest.firstIndex(of: "=") {
            let name = String(rest[..<equals])
            rest = rest[equals...].dropFirst(2)
            var value = ""
            while let character = rest.popFirst(), character != "\"" {
                guard character == "\\", let escaped = rest.popFirst() else {
                    value.append(character)
                    continue
                }
                value.append(escaped == "n" ? "\n" : escaped)
            }
            labels[name] = value
            rest = rest.dropFirst()
        }
        return labels
    }
}

extension MetricSamples.Sample {
    func has(_ wanted: [String: String]) -> Bool {
        wanted.allSatisfy { labels[$0.key] == $0.value }
    }
}
