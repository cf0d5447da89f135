public import FoundationEssentials
public import PrefModel

/// What the learner is set to.
public struct LearningParameters: Sendable, Hashable {
    /// After how many days evidence counts half.
    public var halfLifeDays = 180.0
    /// A context shift's prior covariance, as a share of that between users of a type.
    public var contextShare = 0.25
    /// How far a kind of signal is relied on before its user has shown how far: its utility scale
    /// beside that of a choice.
    public var reliability: [SignalKind: Double] = [
        .choice: 1, .rating: 1, .edit: 0.8, .followup: 0.6, .regenerate: 0.2, .copy: 0.2,
        .abandon: 0,
    ]
    /// The log Bayes factor at which a taste counts as changed.
    public var changeThreshold = 3.0
    /// How many signals one window of the change-point test holds.
    public var windowSignals = 16
    /// Most combinations of circumstances that are told apart for one user.
    public var mostCells = 12
    /// Most levels that get a shift of their own.
    public var mostLevels = 6

    /// The defaults.
    public init() {}
}

/// Learns from signals: pure, with no clock and no memory of its own.
public struct Learner: Sendable {
    /// The population's starting point; its last axis is the rating baseline.
    public let prior: TypeMixture
    /// The settings.
    public let parameters: LearningParameters
    let collapsed: TypeMixture

    /// Makes a learner.
    public init(
        prior: TypeMixture = .standard,
        parameters: LearningParameters = LearningParameters()
    ) {
        self.prior = prior
        self.parameters = parameters
        collapsed = prior.collapsed
    }

    /// The state that a user's signals give; they may come in any order.
    public func replay(_ signals: some Sequence<Signal>) -> UserModel {
        var model = UserModel()
        for signal in signals.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) {
            absorb(signal, into: &model)
        }
        return model
    }

    /// Takes one signal, in microseconds.
    public func absorb(_ signal: Signal, into model: inout UserModel) {
        let levels = ContextLevel.levels(of: signal.context).sorted()
        absorb(
            Observation.read(signal),
            of: signal.kind,
            at: signal.at,
            levels: levels,
            into: &model
        )
    }

    /// Takes what a signal says; see ``absorb(_:into:)``.
    public func absorb(
        _ observations: [Observation],
        of kind: SignalKind,
        at date: Date,
        levels: [ContextLevel],
        into model: inout UserModel
    ) {
        guard !observations.isEmpty, prior.axes == AnswerAxis.count + 1 else { return }
        let age = advance(&model, to: date)
        let cell = cell(levels, in: model)
        for observation in observations {
            let site = site(observation)
            model.newer.add(site, weight: observation.weight * age, to: (cell, kind))
        }
        model.newer.countSignal()
        tally(observations, kind, date, in: &model)
        detectChange(in: &model, at: date)
        if model.newer.signals >= parameters.windowSignals {
            model.settled.merge(model.older)
            model.older = model.newer
            model.newer = Ledger()
        }
    }

    /// What is believed of a user at a time.
    public func belief(of model: UserModel, at date: Date) -> Belief {
        let cells = cells(of: model, at: date)
        return Belief(
            prior,
            cells: cells,
            levels: shiftingLevels(cells),
            contextShare: parameters.contextShare
        )
    }

    /// All that a user's signals say, whatever the circumstances: what ``TypeFitting`` takes of each
    /// consenting user.
    public func evidence(of model: UserModel, at date: Date) -> Evidence {
        var evidence = Evidence(axes: prior.axes)
        for cell in cells(of: model, at: date) { evidence.add(cell.evidence) }
        return evidence
    }

    /// Evidence by circumstances, faded to a date and scaled by how far each kind is relied on.
    private func cells(
        of model: UserModel,
        at date: Date
    ) -> [(cell: [ContextLevel], evidence: Evidence)] {
        var ledger = model.all
        if let asOf = model.asOf, date > asOf { ledger.fade(to: retained(from: asOf, to: date)) }
        let reliability = reliability(in: ledger)
        var cells: [[ContextLevel]: Evidence] = [:]
        for entry in ledger.entries {
            cells[entry.cell, default: Evidence(axes: prior.axes)]
                .add(entry.evidence, reliability: reliability[entry.kind] ?? 0)
        }
        return cells.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (cell: $0.key, evidence: $0.value) }
    }

    /// Lets evidence fade to a date and returns the weight of a signal of that date: 1, or less where
    /// it comes late.
    private func advance(_ model: inout UserModel, to date: Date) -> Double {
        guard let asOf = model.asOf else {
            model.asOf = date
            return 1
        }
        guard date > asOf else { return retained(from: date, to: asOf) }
        let factor = retained(from: asOf, to: date)
        if factor < 1 {
            model.settled.fade(to: factor)
            model.older.fade(to: factor)
            model.newer.fade(to: factor)
        }
        model.asOf = date
        return 1
    }

    private func retained(from: Date, to: Date) -> Double {
        let days = to.timeIntervalSince(from) / 86_400
        return Numeric.exponential(-days / parameters.halfLifeDays * Numeric.logarithm(2))
    }

    private func cell(_ levels: [ContextLevel], in model: UserModel) -> [ContextLevel] {
        let cells = model.settled.cells.union(model.older.cells).union(model.newer.cells)
        return cells.contains(levels) || cells.count < parameters.mostCells ? levels : []
    }

    func site(_ observation: Observation) -> Site {
        let missing = prior.axes - observation.x.count
        let x = observation.x + [Double](repeating: 0, count: max(0, missing))
        switch observation.response {
        case .preferred: return Likelihood.choice(x, spread: prior.spread(along: x))
        case .rated(let level):
            return Likelihood.rating(x, level: level - 1, cuts: Likelihood.ratingCuts)
        }
    }

    private func tally(
        _ observations: [Observation],
        _ kind: SignalKind,
        _ date: Date,
        in model: inout UserModel
    ) {
        for axis in AnswerAxis.allCases {
            // A rating speaks for what the answer had where it was above the middle.
            let toward = observations.reduce(0) { sum, one in
                let sign =
                    switch one.response {
                    case .preferred: 1.0
                    case .rated(let level): Double(level - 3) / 2
                    }
                return sum + sign * one.x[axis.index] / Double(observations.count)
            }
            guard abs(toward) >= 0.5 else { continue }
            var tally = model.tallies[axis]?[kind] ?? UserModel.Tally(last: date)
            if toward > 0 { tally.more += 1 } else { tally.less += 1 }
            tally.last = max(tally.last, date)
            model.tallies[axis, default: [:]][kind] = tally
        }
    }

    /// The levels that get shifts: of circumstances that have varied, the ones seen most.
    private func shiftingLevels(
        _ cells: [(cell: [ContextLevel], evidence: Evidence)]
    ) -> [ContextLevel] {
        var weights: [ContextLevel: Double] = [:]
        for (cell, evidence) in cells {
            for level in cell { weights[level, default: 0] += evidence.weight }
        }
        let varied = Dictionary(grouping: weights.keys, by: \.factor).values
            .filter { $0.count > 1 }
            .flatMap { $0 }
        return
            varied
            .sorted { (weights[$1] ?? 0, $0) < (weights[$0] ?? 0, $1) }
            .prefix(parameters.mostLevels)
            .sorted()
    }
}
