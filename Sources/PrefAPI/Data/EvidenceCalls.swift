internal import FoundationEssentials
internal import PrefControl
internal import PrefModel

extension DataAPI {
    /// `GET /prefd/v1/preferences/{dimension}/why[?task=…]`.
    func explainPreference(_ id: DimensionID, _ call: Call) async throws(APIRefusal) -> APIResponse
    {
        let dimension = try known(id)
        let context = try contextReader.context(query: call.query)
        let held = try await preferences(of: call.principal).filter { $0.key.dimension == id }
        let kept = try await fromStore { try await store.signals(of: call.principal) }
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
                evidence: ordered.map { evidence($0, counts) },
                signals: counts
            )
        )
    }

    private func evidence(_ preference: Preference, _ counts: [SignalCount]) -> PreferenceEvidence {
        PreferenceEvidence(
            value: preference.value,
            context: preference.key.context,
            source: preference.source,
            confidence: preference.source == .explicit ? 1 : nil,
            setAt: preference.setAt,
            confirmedAt: preference.confirmedAt,
            explanation: Self.words(preference, counts)
        )
    }

    private static func words(_ preference: Preference, _ counts: [SignalCount]) -> String {
        let day = preference.confirmedAt.ISO8601Format(.iso8601.year().month().day())
        let total = counts.reduce(0) { $0 + $1.count }
        let signals = "\(total) \(total == 1 ? "signal" : "signals")"
        return switch preference.source {
        case .explicit:
            "You set it, last on \(day). What you set always beats what is learned; "
                + "\(signals) came in on answers written under this dimension."
        case .learned:
            "Learned from your signals, last confirmed on \(day); "
                + "\(signals) came in on answers written under this dimension."
        }
    }
}
