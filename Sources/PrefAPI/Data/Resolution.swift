internal import PrefModel

/// Which of several preferences of one dimension is in force in a context.
enum Resolution {
    /// One preference a dimension, the most specific of those that hold there.
    ///
    /// What the context does not say is not known, so that a preference narrowed by it does not hold.
    /// An explicit one beats one that another app shares, and that a learned one.
    static func inForce(_ held: [Preference], in context: PreferenceContext) -> [Preference] {
        var best: [DimensionID: Preference] = [:]
        for preference in held where holds(preference.reach, in: context) {
            guard let other = best[preference.key.dimension] else {
                best[preference.key.dimension] = preference
                continue
            }
            if preference.precedes(other) == true { best[preference.key.dimension] = preference }
        }
        return held.filter { best[$0.key.dimension] == $0 }
    }

    /// Whether all that narrows the preference is known to hold.
    private static func holds(_ narrowed: PreferenceContext, in known: PreferenceContext) -> Bool {
        if let task = narrowed.task, task != known.task { return false }
        if let app = narrowed.app, app != known.app { return false }
        if let situation = narrowed.situation, situation != known.situation { return false }
        if let topic = narrowed.topic, topic != known.topic { return false }
        if let language = narrowed.language?.lowercased() {
            guard let spoken = known.language?.lowercased() else { return false }
            return spoken == language || spoken.hasPrefix(language + "-")
        }
        return true
    }
}
