public import FoundationEssentials
public import PrefModel

/// Reads preferences out of what is believed of a user.
public struct DirectiveReading: Sendable {
    /// When one is worth a line.
    public let policy: DirectivePolicy
    private let vocabulary: Vocabulary

    /// Makes a reading against a vocabulary.
    public init(policy: DirectivePolicy = DirectivePolicy(), vocabulary: Vocabulary = .standard) {
        self.policy = policy
        self.vocabulary = vocabulary
    }

    /// The preferences that the posterior is sure enough of and that are worth their tokens: first
    /// those that hold everywhere, then those that differ in one circumstance.
    ///
    /// Where the model is of what counts in one app alone, so are they: `app` is then where they hold.
    ///
    /// Only dimensions of tier `personalizable` are read. Explicit preferences beat these; leaving
    /// out dimensions that the user has set is the caller's.
    public func preferences(
        of model: UserModel,
        belief: Belief,
        in app: String? = nil,
        at date: Date
    ) -> [LearnedPreference] {
        let base = app.map { [ContextLevel.app($0)] } ?? []
        let general = read(model, belief, base, date)
        let values = Dictionary(
            uniqueKeysWithValues: general.map { ($0.key.dimension, $0.value) }
        )
        let particular = belief.contexts.flatMap { level -> [LearnedPreference] in
            if app != nil, case .app = level { return [] }
            return read(model, belief, base + [level], date)
                .filter { values[$0.key.dimension] != $0.value }
        }
        return general + particular
    }

    private func read(
        _ model: UserModel,
        _ belief: Belief,
        _ levels: [ContextLevel],
        _ date: Date
    ) -> [LearnedPreference] {
        var best: [DimensionID: LearnedPreference] = [:]
        for pole in Pole.all {
            guard let read = read(pole, model, belief, levels, date) else { continue }
            if let known = best[pole.dimension], known.benefit >= read.benefit { continue }
            best[pole.dimension] = read
        }
        return vocabulary.dimensions.compactMap { best[$0.id] }
    }

    /// The likeliest value of a dimension and what speaks for it, whether or not it is sure enough to
    /// be used; nil for dimensions that are not learned and where no signal has spoken.
    public func why(
        _ dimension: DimensionID,
        of model: UserModel,
        belief: Belief,
        in levels: [ContextLevel] = [],
        at date: Date
    ) -> LearnedPreference? {
        Pole.all.filter { $0.dimension == dimension }
            .compactMap { consider($0, model, belief, levels, date) }
            .filter { !$0.evidence.isEmpty }
            .max { $0.probability < $1.probability }
    }

    private func read(
        _ pole: Pole,
        _ model: UserModel,
        _ belief: Belief,
        _ levels: [ContextLevel],
        _ date: Date
    ) -> LearnedPreference? {
        guard let read = consider(pole, model, belief, levels, date) else { return nil }
        let signals = read.evidence.reduce(0) { $0 + $1.forIt + $1.against }
        let isSure = read.probability >= policy.sureness
        let isWorthIt = read.benefit >= policy.benefitPerToken * Double(read.tokens)
        return isSure && isWorthIt && signals >= policy.leastSignals ? read : nil
    }

    private func consider(
        _ pole: Pole,
        _ model: UserModel,
        _ belief: Belief,
        _ levels: [ContextLevel],
        _ date: Date
    ) -> LearnedPreference? {
        guard let dimension = vocabulary.dimension(pole.dimension),
            dimension.tier == .personalizable, dimension.kind == .choice
        else { return nil }
        let utility = belief.utility(pole.direction, in: levels)
        let isStrong = utility.mean >= policy.strongWeight
        let value = isStrong ? pole.strongValue ?? pole.value : pole.value
        guard let line = dimension.values.first(where: { $0.value == value })?.directive else {
            return nil
        }
        let last = pole.axes.compactMap { model.lastConfirmed($0) }.max()
        return LearnedPreference(
            key: PreferenceKey(
                dimension: pole.dimension,
                context: ContextLevel.preferenceContext(at: levels)
            ),
            value: value,
            probability: utility.probabilityPositive,
            benefit: utility.expectedChoice - 0.5,
            tokens: max(1, (line.count + 3) / 4),
            evidence: evidence(for: pole, in: model),
            lastConfirmed: last,
            changed: pole.axes.compactMap { model.changes[$0] }.max(),
            isStale: last.map {
                date.timeIntervalSince($0) > policy.staleAfterDays * 86_400
            } ?? true
        )
    }

    private func evidence(
        for pole: Pole,
        in model: UserModel
    ) -> [LearnedPreference.Evidence] {
        // Of an axis combination, its main axis is what the signals are counted by.
        guard
            let main = pole.axes.max(by: {
                abs(pole.direction[$0.index]) < abs(pole.direction[$1.index])
            }), let tallies = model.tallies[main]
        else { return [] }
        let isMore = pole.direction[main.index] > 0
        return tallies.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, tally in
            LearnedPreference.Evidence(
                kind: kind,
                forIt: isMore ? tally.more : tally.less,
                against: isMore ? tally.less : tally.more
            )
        }
    }
}
