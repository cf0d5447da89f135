internal import FoundationEssentials
internal import PrefControl
internal import PrefModel

/// Small values in words, the same in every view.
enum Words {
    /// Where a preference holds: `everywhere`, or `task coding, language en`.
    static func context(_ context: PreferenceContext) -> String {
        let parts: [(String, String?)] = [
            ("task", context.task?.rawValue), ("app", context.app), ("language", context.language),
            ("situation", context.situation?.rawValue), ("topic", context.topic),
        ]
        let narrowed = parts.compactMap { name, value in value.map { "\(name) \($0)" } }
        return narrowed.isEmpty ? "everywhere" : narrowed.joined(separator: ", ")
    }

    /// When figures about people were released, and what that cost.
    static func release(_ date: Date?, _ budget: Population.Budget) -> String {
        let when = date.map(time) ?? "never"
        return SafeText.line(
            "Released \(when), with noise. Privacy budget: \(budget.spent) of \(budget.total) spent; "
                + "a release costs \(budget.next)."
        )
    }

    /// A time to the minute, in UTC: `2026-11-23 20:15Z`.
    static func time(_ date: Date) -> String {
        let text = date.ISO8601Format()
        guard let split = text.firstIndex(of: "T") else { return text }
        return "\(text[..<split]) \(text[text.index(after: split)...].prefix(5))Z"
    }

    /// A day, in UTC.
    static func day(_ date: Date) -> String { String(date.ISO8601Format().prefix(10)) }

    /// How long something is kept.
    static func retention(_ seconds: Int64?) -> String {
        seconds.map(Retention.spelling(seconds:)) ?? "while it stands"
    }

    /// `1 rule`, `2 rules`.
    static func count(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// A yes or no that reads at a glance.
    static func yes(_ value: Bool) -> String { value ? "yes" : "no" }

    /// Signals by kind: `3 rating, 1 edit`.
    static func signals(_ counts: [SignalCount]) -> String {
        counts.isEmpty
            ? "none" : counts.map { "\($0.count) \($0.kind.rawValue)" }.joined(separator: ", ")
    }

    /// A consent that came with the act.
    static func receipt(_ record: ConsentRecord) -> String {
        let given = record.withdrawnAt == nil
        return SafeText.line(
            "Consent \(given ? "given" : "withdrawn"): \(record.scope) (receipt \(record.id), kept "
                + "\(retention(record.retentionSeconds))). \(record.purpose)"
        )
    }
}
