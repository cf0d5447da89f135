internal import PrefControl
internal import PrefModel
internal import PrefStore

extension Erasure {
    /// The wire form of the store's receipt.
    init(_ receipt: ErasureReceipt) {
        self.init(
            id: receipt.id,
            pseudonym: receipt.pseudonym,
            at: receipt.at,
            erased: Counts(
                preferences: receipt.erased.preferences,
                consents: receipt.erased.consents,
                signals: receipt.erased.signals
            ),
            seal: receipt.seal
        )
    }
}

extension UserEntry {
    /// The wire form of the store's summary.
    init(_ summary: UserSummary) {
        self.init(
            pseudonym: summary.pseudonym,
            preferences: summary.preferences,
            signals: summary.signals,
            consents: summary.standingConsents,
            firstSeen: summary.firstSeen,
            lastWrite: summary.lastWrite
        )
    }
}

extension SignalCount {
    /// How many of each kind, in the order of the kinds; none where there are none.
    static func counting(_ signals: some Sequence<Signal>) -> [SignalCount] {
        var counts: [SignalKind: Int] = [:]
        for signal in signals { counts[signal.kind, default: 0] += 1 }
        return SignalKind.allCases.compactMap { kind in
            counts[kind].map { SignalCount(kind: kind, count: $0) }
        }
    }
}

extension PreferenceEntry {
    /// What an admin sees of a preference: of free text only how long it is.
    init(forAdmin preference: Preference, vocabulary: Vocabulary) {
        let dimension = vocabulary.dimension(preference.key.dimension)
        let isFreeText = dimension.map { $0.kind == .freeText } ?? true
        let shown = Preference(
            key: preference.key,
            value: isFreeText ? "(\(preference.value.count) characters)" : preference.value,
            source: preference.source,
            setAt: preference.setAt,
            confirmedAt: preference.confirmedAt
        )
        self.init(shown, tier: dimension?.tier ?? .safeguarded)
    }
}
