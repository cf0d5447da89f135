/// Writes metrics as Prometheus reads them.
///
/// Source: Prometheus text exposition format 0.0.4.
enum PrometheusText {
    /// The media type.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The families as text, in the order given.
    static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples { text += line(family.name + sample.suffix, sample) }
        }
        return text
    }

    private static func line(_ name: String, _ sample: MetricFamily.Sample) -> String {
        let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        let braced = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        return "\(name)\(braced) \(spelling(sample.value))\n"
    }

    private static func spelling(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
