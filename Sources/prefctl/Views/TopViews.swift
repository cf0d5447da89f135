internal import FoundationEssentials

/// One screen of `prefctl top`.
enum TopViews {
    /// The screen; rules are cut to what `rows` lines hold.
    static func screen(_ figures: TopFigures, rows: Int, _ style: Style) -> String {
        var lines = [
            style.bold(
                "prefd \(SafeText.line(figures.version))   \(rate(figures.answersPerSecond)) answers/s   "
                    + "\(rate(figures.refusedPerSecond)) refused/s   "
                    + "\(rate(figures.failuresPerSecond)) failed/s   "
                    + "\(figures.inFlight) in flight"
            ),
            style.dim(
                "the last \(rate(figures.seconds)) s   cpu \(Int((figures.cpu * 100).rounded())) %   "
                    + "memory \(figures.memoryBytes >> 20) MiB"
            ),
            "",
        ]
        var times = TextTable(["TIME", "P50", "P95", "P99"])
        times.add(row("added by prefd", figures.added))
        times.add(row("to the first byte", figures.firstByte))
        times.add(row("to the end", figures.duration))
        lines += [times.rendered(style), ""]
        var backends = TextTable(["BACKEND", "STATE", "RUNNING", "WAITING", "P50", "P95", "FAILED"])
        for one in figures.backends {
            backends.add([
                one.name, one.state, String(one.running), String(one.waiting),
                time(one.response.p50), time(one.response.p95), String(one.failures),
            ])
        }
        lines += [backends.rendered(style), ""]
        let room =
            rows
            - lines.joined(separator: "\n").split(
                separator: "\n",
                omittingEmptySubsequences: false
            ).count - 2
        if figures.rules.isEmpty {
            lines.append("No rule has fired since prefd started.")
        } else if room > 0 {
            var rules = TextTable(["RULE", "ACTION", "NOW", "SINCE START"])
            for one in figures.rules.prefix(room) {
                rules.add([one.rule, one.action, String(one.hits), String(one.total)])
            }
            lines.append(rules.rendered(style))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ times: TopFigures.Times) -> [String] {
        [name, time(times.p50), time(times.p95), time(times.p99)]
    }

    /// With three digits that tell something, and a unit that suits.
    static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "–" }
        if seconds < 0.001 { return "\(Int((seconds * 1_000_000).rounded())) µs" }
        if seconds < 1 { return "\(rate(seconds * 1_000)) ms" }
        return "\(rate(seconds)) s"
    }

    /// A number with one decimal where it is small.
    static func rate(_ value: Double) -> String {
        if value >= 100 || value == value.rounded() { return String(Int(value.rounded())) }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
