internal import PrefControl

/// What was found, for people: what is wrong stands last, where it is read.
enum DoctorViews {
    static func report(_ report: DoctorReport, _ style: Style) -> String {
        var table = TextTable(["", "CHECK", "FOUND"])
        let order: [Finding.State] = [.ok, .unseen, .warning, .problem]
        for state in order {
            for finding in report.findings where finding.state == state {
                let hint = finding.hint.map { " \($0)" } ?? ""
                let detail =
                    finding.detail.hasSuffix(".") || hint.isEmpty
                    ? finding.detail : finding.detail + "."
                table.add([word(state), finding.check, detail + hint])
            }
        }
        return [table.rendered(style), style.bold(verdict(report))].joined(separator: "\n")
    }

    private static func verdict(_ report: DoctorReport) -> String {
        func count(_ state: Finding.State) -> Int {
            report.findings.filter { $0.state == state }.count
        }
        let parts = [
            count(.problem) > 0 ? Words.count(count(.problem), "problem") : nil,
            count(.warning) > 0 ? Words.count(count(.warning), "warning") : nil,
            count(.unseen) > 0 ? "\(count(.unseen)) not seen" : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? "Nothing is wrong." : parts.joined(separator: ", ") + "."
    }

    private static func word(_ state: Finding.State) -> String {
        switch state {
        case .ok: "ok"
        case .warning: "warn"
        case .problem: "WRONG"
        case .unseen: "?"
        }
    }
}
