internal import PrefControl

/// The audit log, for admins.
enum AuditViews {
    /// What verifying found.
    static func verdict(_ verdict: AuditVerdict, _ style: Style) -> String {
        let from = verdict.first > 1 ? ", from entry \(verdict.first) on" : ""
        var lines = [
            verdict.ok
                ? "The audit log is as it was written: \(Words.count(verdict.entries, "entry", "entries"))\(from)."
                : style.bold("The audit log is not as it was written.")
        ]
        for problem in verdict.problems {
            let place = problem.line.map { "line \($0): " } ?? ""
            lines.append(SafeText.line(place + problem.message))
        }
        lines.append("head        \(verdict.head)")
        lines.append("checkpoint  \(verdict.checkpoint ?? "none yet")")
        lines.append("public key  \(verdict.publicKey)")
        return SafeText.lines(lines.joined(separator: "\n"))
    }

    /// Whether a receipt is genuine.
    static func receipt(_ verdict: ReceiptVerdict, _ receipt: Erasure, _ style: Style) -> String {
        guard verdict.valid else {
            return style.bold("This is no receipt of this prefd's, or it was changed.")
        }
        let erased = receipt.erased
        let about =
            verdict.entry.map { "entry \($0) of the audit log" }
            ?? "the audit log has no entry about it"
        return SafeText.lines(
            "The receipt is genuine; \(about).\n"
                + "On \(Words.time(receipt.at)) everything of \(receipt.pseudonym) was erased: "
                + "\(Words.count(erased.preferences, "preference")), "
                + "\(Words.count(erased.consents, "consent record")), "
                + "\(Words.count(erased.signals, "signal"))."
        )
    }
}
