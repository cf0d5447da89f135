internal import FoundationEssentials
internal import PrefControl
internal import PrefLearning
internal import PrefModel

extension DataAPI {
    /// `GET /prefd/v1/preferences/{dimension}/why[?task=…]`.
    func explainPreference(_ id: DimensionID, _ call: Call) async throws(APIRefusal) -> APIResponse
    {
        let dimension = try known(id)
        let (context, app) = try contextAsked(call)
        let held = try await preferences(of: call.principal).filter { $0.key.dimension == id }
        let here = try await preferences(of: call.principal, in: app)
            .filter { $0.key.dimension == id }
        let kept = try await fromStore { try await store.signals(of: call.principal) }
        let (leaning, elsewhere) =
            kept.isEmpty
            ? (nil, [])
            : await tastes.leanings(on: id, of: call.principal, in: app)
        let granted = try await fromStore { try await store.profile(of: call.principal).granted }
        let learned = await tastes.preferences(of: call.principal)
            .filter { !kept.isEmpty && $0.key.dimension == id }
        let counts = SignalCount.counting(
            kept.filter { $0.directives.contains { $0.key.dimension == id } }
        )
        let current = Resolution.inForce(here, in: context).first
        // A shared one is one that was set, where it counts beyond its own app.
        let others = held.filter { $0.key != current?.key }
        let ordered = (current.map { [$0] } ?? []) + others
        return try .json(
            WhyAnswer(
                dimension: id,
                tier: dimension.tier,
                value: current?.value,
                evidence: ordered.map { one in
                    evidence(one, counts, learned.first { $0.key == one.key }, granted)
                },
                signals: counts,
                learned: await entries(leaning.map { [$0] } ?? [], call).first,
                elsewhere: await entries(elsewhere, call)
            )
        )
    }

    private func entries(_ learned: [LearnedPreference], _ call: Call) async -> [LearnedEntry] {
        var entries: [LearnedEntry] = []
        for one in learned {
            let effect = await tastes.effect(of: one, on: call.principal)
            entries.append(LearnedEntry(one, effect: effect))
        }
        return entries
    }

    private func evidence(
        _ preference: Preference,
        _ counts: [SignalCount],
        _ learned: LearnedPreference?,
        _ granted: Set<ConsentScope>
    ) -> PreferenceEvidence {
        PreferenceEvidence(
            value: preference.value,
            context: preference.key.context,
            source: preference.source,
            confidence: preference.source != .learned ? 1 : learned?.probability,
            setAt: preference.setAt,
            confirmedAt: preference.confirmedAt,
            explanation: Self.words(preference, counts, learned, granted)
        )
    }

    private static func words(
        _ preference: Preference,
        _ counts: [SignalCount],
        _ learned: LearnedPreference?,
        _ granted: Set<ConsentScope>
    ) -> String {
        let day = preference.confirmedAt.ISO8601Format(.iso8601.year().month().day())
        let total = counts.reduce(0) { $0 + $1.count }
        let signals = "\(total) \(total == 1 ? "signal" : "signals")"
        return switch preference.source {
        case .explicit:
            "You set it, last on \(day). What you set always beats what is learned; "
                + "\(signals) came in on answers written under this dimension."
        case .shared:
            "You set it for another app, last on \(day), and let that app's preferences count in "
                + "others: \(ConsentScope.share(app: preference.key.context.app ?? "APP")). What you "
                + "set here or everywhere beats it."
        case .learned:
            "Learned from your signals, last confirmed on \(day). \(learned?.explanation ?? "")"
                + (isApart(preference, granted)
                    ? " It counts in that app alone, unless you grant "
                        + "\(ConsentScope.share(app: preference.key.context.app ?? "APP"))." : "")
        }
    }

    /// Whether it was learned in one app and counts there alone.
    private static func isApart(_ learned: Preference, _ granted: Set<ConsentScope>) -> Bool {
        learned.key.context.app.map { !granted.contains(.share(app: $0)) } ?? false
    }
}
