private import PrefModel

/// Which keys stand where.
enum Schema {
    /// The keys by section, in the order of the documentation; `""` is the file itself.
    static let keys: [String: [String]] = [
        "": [
            "listen", "state", "key", "store", "backends", "apps", "personalization", "learning",
            "rules", "tiers", "limits", "consent", "audit", "log", "shutdown",
        ],
        "listen": ["data", "admin"],
        "key": ["credential", "file"],
        "store": ["kind", "connection"],
        "store.connection": ["credential", "file"],
        "backends": [
            "name", "url", "via", "ca", "dialects", "models", "api_key", "forward_authorization",
            "timeouts", "fallback", "max_concurrent", "max_queued", "circuit_breaker",
        ],
        "backends.api_key": ["credential", "file"],
        "backends.timeouts": ["connect", "first_byte", "idle", "queue"],
        "backends.circuit_breaker": ["failures", "pause"],
        "apps": ["name", "match", "delegate", "user_from"],
        "apps.match": ["uid", "exe", "unit"],
        "personalization": ["block_tokens", "charter", "placement", "reminder_after_turns"],
        "learning": [
            "sureness", "least_signals", "half_life", "ask_again_after",
            "population_epsilon", "population_budget",
        ],
        "rules": ["directory"],
        "tiers": ["directory"],
        "limits": ["body", "connections_per_user", "requests_per_user"],
        "consent": ["content_retention", "signal_retention"],
        "audit": ["file_size", "files"],
        "log": ["level"],
        "shutdown": ["grace"],
    ]

    /// Sections whose unknown keys are not repeated in messages: someone may have written the
    /// secret itself there.
    static let secretSections: Set<String> = ["key", "store.connection", "backends.api_key"]

    /// What to do about a key that a section does not have.
    static func hint(forUnknown key: String, in section: String) -> String {
        let here = keys[section] ?? []
        if let near = nearest(to: key, among: here) { return "did you mean \(near)?" }
        let elsewhere = keys.filter { $0.value.contains(key) }.keys.sorted()
        if let home = elsewhere.first, elsewhere.count == 1 {
            return home.isEmpty
                ? "\(key) stands at the left margin" : "\(key) belongs under \(home)"
        }
        return "the keys here are \(here.joined(separator: ", "))"
    }

    /// The nearest of the right spellings, where one is near enough to be meant.
    static func nearest(to text: String, among spellings: [String]) -> String? {
        let wanted = text.lowercased()
        if wanted.count >= 3, let longer = spellings.first(where: { $0.hasPrefix(wanted) }) {
            return longer
        }
        let ranked = spellings.map { ($0, EditDistance.between(wanted, $0.lowercased())) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= min(3, max(1, wanted.count / 2))
        else {
            return nil
        }
        return best.0
    }
}
