internal import PrefControl
internal import PrefModel

/// The service for people.
enum ServiceViews {
    /// The state of the parts, and what an admin sees besides.
    static func status(_ report: StatusReport, _ style: Style) -> String {
        var table = TextTable(["PART", "READY", "STATE"])
        let readiness = report.readiness
        table.add(["store", Words.yes(readiness.store.ready), readiness.store.detail])
        table.add(["rules", Words.yes(readiness.rules.ready), readiness.rules.detail])
        for backend in readiness.backends {
            let state = backend.state == .unknown ? "unknown" : Words.yes(backend.ready)
            table.add(["backend \(backend.name)", state, backend.detail])
        }
        let headline = headline(readiness)
        return ([style.bold(headline), table.rendered(style)] + (report.service.map(facts) ?? []))
            .joined(separator: "\n")
    }

    private static func headline(_ readiness: Readiness) -> String {
        let gone = readiness.backends.filter { !$0.ready }.count
        if readiness.ready {
            return gone == 0
                ? "prefd is ready."
                : "prefd is ready, but \(Words.count(gone, "backend")) cannot be reached."
        }
        return readiness.store.ready && readiness.rules.ready
            ? "prefd runs, but no backend can be reached." : "prefd is not ready."
    }

    /// Who prefd says you are.
    static func identity(_ identity: Identity, _ style: Style) -> String {
        SafeText.lines(
            "principal  \(SafeText.line(identity.principal))\napp        \(SafeText.line(identity.app))\n"
                + "access     \(identity.access.rawValue)"
        )
    }

    /// Whether a config file would do.
    static func config(_ report: ConfigReport, _ style: Style) -> String {
        let file = SafeText.line(report.file ?? "the built-in defaults")
        if report.ok { return "\(file): no problems." }
        return
            (["\(file): \(Words.count(report.problems.count, "problem"))."]
            + report.problems.map(problem))
            .joined(separator: "\n")
    }

    /// What came of a reload.
    static func reload(_ report: ReloadReport, _ style: Style) -> String {
        if report.ok { return "Reloaded: \(Words.count(report.rules, "rule")) in force." }
        return
            (["Not reloaded; \(Words.count(report.rules, "rule")) from before in force."]
            + report.problems.map(problem)).joined(separator: "\n")
    }

    /// One problem in a file, in the form that editors jump to.
    static func problem(_ problem: FileProblem) -> String {
        let place =
            [problem.file] + [problem.line, problem.column].compactMap { $0.map(String.init) }
        let hint = problem.hint.map { "\n  \($0)" } ?? ""
        return SafeText.lines(
            "\(SafeText.line(place.joined(separator: ":"))): \(problem.message)\(hint)"
        )
    }

    private static func facts(_ status: ServiceStatus) -> [String] {
        let facts: [(String, String)] = [
            ("version", status.version), ("process", String(status.processID)),
            ("since", Words.time(status.startedAt)),
            ("config", status.configFile ?? "built-in defaults"),
            ("rules", "\(status.rules) from \(status.rulesDirectory ?? "the built-in packs")"),
            ("users", String(status.users)),
        ]
        return facts.map { name, value in
            "\(name)\(String(repeating: " ", count: 9 - name.count))\(SafeText.line(value))"
        }
    }
}

/// What `prefctl status` gathers: everyone's part, and the admin's where the admin socket is open.
struct StatusReport: Codable {
    let readiness: Readiness
    let service: ServiceStatus?
}
