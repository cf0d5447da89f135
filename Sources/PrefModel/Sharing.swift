// What counts where: what one app's signals teach and what was set for it counts in that app alone,
// unless the user grants `share:APP`.

extension Set<ConsentScope> {
    /// The apps whose signals and preferences the user lets count in other apps.
    public var sharedApps: Set<String> {
        var apps: Set<String> = []
        for case .share(let app) in self { apps.insert(app) }
        return apps
    }
}

extension [Preference] {
    /// These as they count in an app: without what was set for other apps, but for those that are
    /// shared, whose preferences are then of the source `shared`.
    public func counting(in app: String, under granted: Set<ConsentScope>) -> [Preference] {
        let isForOther = contains { $0.key.context.app.map { $0 != app } ?? false }
        guard isForOther else { return self }
        return compactMap { preference in
            guard let other = preference.key.context.app, other != app else { return preference }
            return granted.contains(.share(app: other)) ? preference.shared : nil
        }
    }
}

extension Preference {
    /// The same, counting beyond the app that it was set for; nil where it was not set.
    fileprivate var shared: Preference? {
        guard source == .explicit else { return nil }
        return Preference(
            key: key,
            value: value,
            source: .shared,
            setAt: setAt,
            confirmedAt: confirmedAt
        )
    }

    /// Where it counts: of a shared one everywhere that it holds in its own app.
    public var reach: PreferenceContext {
        guard source == .shared else { return key.context }
        var context = key.context
        context.app = nil
        return context
    }

    /// Whether it comes before another of the same dimension that holds as well: by source, then by how
    /// specific it is.
    ///
    /// Nil where neither does.
    public func precedes(_ other: Preference) -> Bool? {
        if source != other.source { return source > other.source }
        let (one, two) = (reach.specificity, other.reach.specificity)
        if one != two { return one > two }
        // Two apps that are shared may say different things: the one that was said last.
        guard source == .shared, other.source == .shared, confirmedAt != other.confirmedAt else {
            return nil
        }
        return confirmedAt > other.confirmedAt
    }
}
