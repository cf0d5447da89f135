import FoundationEssentials
import Testing

@testable import PrefModel

@Suite("What counts in which app")
struct SharingTests {
    private func preference(
        _ value: String,
        app: String?,
        task: TaskKind? = nil,
        at seconds: Double = 0
    ) -> Preference {
        Preference(
            key: PreferenceKey(
                dimension: DimensionID(rawValue: "tone"),
                context: PreferenceContext(task: task, app: app)
            ),
            value: value,
            source: .explicit,
            setAt: Date(timeIntervalSince1970: seconds),
            confirmedAt: Date(timeIntervalSince1970: seconds)
        )
    }

    @Test("the scopes name the apps that are shared")
    func scopes() {
        let granted: Set<ConsentScope> = [.preferences, .share(app: "one"), .share(app: "two")]
        #expect(granted.sharedApps == ["one", "two"])
        #expect(Set<ConsentScope>([.content]).sharedApps.isEmpty)
    }

    @Test("what was set for another app is left out, unless that app is shared")
    func counting() {
        let all = [
            preference("neutral", app: nil), preference("formal", app: "here"),
            preference("casual", app: "one"), preference("playful", app: "two", task: .coding),
        ]
        #expect(all.counting(in: "here", under: [.content]).map(\.value) == ["neutral", "formal"])
        let shared = all.counting(in: "here", under: [.share(app: "two")])
        #expect(shared.map(\.value) == ["neutral", "formal", "playful"])
        #expect(shared.map(\.source) == [.explicit, .explicit, .shared])
        // It says for which app it was set, and reaches beyond it.
        #expect(shared[2].key == all[3].key)
        #expect(shared[2].reach == PreferenceContext(task: .coding))
        let there = all.counting(in: "two", under: [.share(app: "two")])
        #expect(there.map(\.source) == [.explicit, .explicit])
    }

    @Test("of two apps that are shared, what was said last comes first")
    func latest() throws {
        let first = preference("casual", app: "one", at: 1)
        let both = [first, preference("formal", app: "two", at: 2)]
            .counting(in: "here", under: [.share(app: "one"), .share(app: "two")])
        #expect(both[1].precedes(both[0]) == true)
        #expect(both[0].precedes(both[1]) == false)
        #expect(preference("neutral", app: nil).precedes(both[1]) == true)
    }
}
