import PrefModel
import Synchronization

/// The latest compositions: the same preferences in the same circumstances are composed once.
///
/// What it holds is a function of what it is asked with, so nothing in it can be stale: a changed
/// profile is another question. In memory only, and bounded.
final class CompositionCache: Sendable {
    private struct Key: Hashable {
        let principal: Principal
        let circumstances: Circumstances
    }

    private struct Entry {
        let preferences: [Preference]
        let settings: ComposerSettings
        let composition: Composition
    }

    private let limit: Int
    private let entries = Mutex<[Key: Entry]>([:])

    /// Makes an empty cache for so many compositions.
    init(limit: Int = 2048) { self.limit = limit }

    /// The composition, from memory where it was made before.
    func composition(
        of preferences: [Preference],
        for principal: Principal,
        in circumstances: Circumstances,
        under settings: ComposerSettings
    ) -> Composition {
        guard !preferences.isEmpty else {
            return Composer(settings: settings).compose([], in: circumstances)
        }
        let key = Key(principal: principal, circumstances: circumstances)
        if let known = entries.withLock({ $0[key] }), known.preferences == preferences,
            known.settings == settings
        {
            return known.composition
        }
        let made = Composer(settings: settings).compose(preferences, in: circumstances)
        entries.withLock { entries in
            if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = Entry(
                preferences: preferences,
                settings: settings,
                composition: made
            )
        }
        return made
    }

    /// Forgets what was composed for a principal.
    func forget(_ principal: Principal) {
        entries.withLock { entries in
            entries = entries.filter { $0.key.principal != principal }
        }
    }
}
