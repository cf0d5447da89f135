internal import FoundationEssentials
internal import PrefControl
internal import PrefLearning
internal import PrefModel

extension DataAPI {
    /// `GET /prefd/v1/preferences/{dimension}/why[?task=…]`.
    func explainPreference(_ id: DimensionID, _ call: Call) async throws(APIRefusal) -> APIResponse
    {
        let dimension = try known(id)
        let context = try contextReader.context(query: call.query)
        let held = try await preferences(of: call.principal).filter { $0.key.dimension == id }
        let kept = try await fromStore { try await store.signals(of: call.principal) }
        let leaning =
            kept.isEmpty ? nil : await tastes.leaning(on: id, of: call.principal)
        var effect: Effect?
        if let leaning { effect = await tastes.effect(of: leaning, on: call.principal) }
        let learned = await tastes.preferences(of: call.principal)
            .filter { !kept.isEmpty && $0.key.dimension == id }
        let counts = SignalCount.counting(
            kept.filter { $0.directives.contains { $0.key.dimension == id } }
        )
        let current = Resolution.inForce(held, in: context).first
        let ordered = held.filter { $0 == current } + held.filter { $0 != current }
        return try .json(
            WhyAnswer(
                dimension: id,
                tier: dimension.tier,
                value: current?.value,
                evidence: ordered.map { one in
                    evidence(one, counts, learned.first { $0.key == one.key })
                },
                signals: counts,
                learned: leaning.map { LearnedEntry($0, effect: effect) }
            )
        )
    }

    private func evidence(
        _ preference: Preference,
        _ counts: [SignalCount],
        _ learned: LearnedPreference?
    ) -> PreferenceEvidence {
        PreferenceEvidence(
            value: preference.value,
            context: preference.key.context,
            source: preference.source,
            confidence: preference.source == .explicit ? 1 : learned?.probability,
            setAt: preference.setAt,
            confirmedAt: preference.confirmedAt,
            explanation: Self.words(preference, counts, learned)
        )
    }

    private static func words(
        _ preference: Preference,
        _ counts: [SignalCount],
        _ learned: LearnedPreference?
    ) -> String {
        let day = preference.confirmedAt.ISO8601Format(.iso8601.year().month().day())
        let total = counts.reduce(0) { $0 + $1.count }
        let signals = "\(total) \(total == 1 ? "signal" : "signals")"
        return switch preference.source {
        case .explicit:
            "You set it, last on \(day). What you set always beats what is learned; "
                + "\(signals) came in on answers written under this dimension."
        case .learned:
            "Learned from your signals, last confirmed on \(day). \(learned?.explanation ?? "")"
        }
    }
}
