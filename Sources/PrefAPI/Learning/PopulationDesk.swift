internal import FoundationEssentials
internal import PrefControl
public import PrefLearning
public import PrefModel
public import PrefStore
internal import Synchronization

/// What the store keeps for the statistics of the population.
public protocol PopulationStore: Sendable {
    /// Goes through the users who grant a scope, with the signals that are kept of each.
    ///
    /// In the same order each time, and until `each` gives false.
    func signals(
        granting scope: ConsentScope,
        _ each: @Sendable ([Signal]) async -> Bool
    ) async throws(StoreError)
    /// What was kept last, or nil.
    func population() async throws(StoreError) -> [UInt8]?
    /// Keeps what has been told so far; durable when it returns.
    func keepPopulation(_ bytes: [UInt8], after old: [UInt8]?) async throws(StoreError) -> Bool
}

extension Store: PopulationStore {}

/// Releases statistics of the users who grant `population`, under differential privacy and a budget.
///
/// The budget is spent durably before anything is shown, and is one for the store's whole life: a release
/// that fails half-way has cost what it would have cost.
public actor PopulationDesk {
    /// What is kept between releases.
    private struct Ledger: Codable {
        var spent = 0.0
        var releasedAt: Date?
        var dimensions: [DimensionDistribution] = []
        /// Left out in what was kept before effects were released.
        var effects: Effects?
    }

    private struct Effects: Codable {
        let releasedAt: Date
        let directives: [PooledEffect]
    }

    /// Why nothing was released.
    enum Refusal: Error {
        /// The release needs more than is left.
        case exhausted(left: Double)
        /// The store did not answer.
        case store(StoreError)
        /// What was kept cannot be read, so that it is not known what has been spent.
        case unreadable
    }

    private let store: any PopulationStore
    private let learner: Learner
    private let epsilon: Double
    private let total: Double

    /// Makes a desk.
    ///
    /// - Parameters:
    ///   - store: where signals are, and what has been told is kept.
    ///   - learner: understands signals, from a starting point that no user has moved: what is released
    ///     must depend on each person through their own signals only.
    ///   - epsilon: what one release costs, all dimensions together.
    ///   - total: what may be spent over the store's life.
    public init(store: any PopulationStore, learner: Learner, epsilon: Double, total: Double) {
        self.store = store
        self.learner = learner
        self.epsilon = epsilon
        self.total = total
    }

    /// The latest release, and the budget.
    func latest() async throws(Refusal) -> Population { answer(try await ledger().ledger) }

    /// Releases new figures.
    func release() async throws(Refusal) -> Population {
        let people = try await gather { [learner] signals in
            learner.belief(of: learner.replay(signals), at: Date())
        }
        // All dimensions together.
        var paid = try await pay()
        var random = SystemRandomNumberGenerator()
        let dimensions: [DimensionDistribution]
        let each = epsilon / Double(Set(Pole.all.map(\.dimension)).count)
        do {
            dimensions = try PopulationReport().release(
                people,
                epsilon: each,
                budget: &paid,
                using: &random
            )
        } catch {
            throw .exhausted(left: paid.left)
        }
        return answer(
            try await change { ledger throws(Refusal) in
                ledger.dimensions = dimensions
                ledger.releasedAt = Date()
            }
        )
    }

    /// The latest release of effects, and the budget.
    func latestEffects() async throws(Refusal) -> PooledEffects {
        effects(try await ledger().ledger)
    }

    /// Releases what experiments have shown with those who grant `experiments` and `population`.
    ///
    /// Who does not grant the former has no signal that is part of an experiment: it goes with the scope.
    func releaseEffects() async throws(Refusal) -> PooledEffects {
        let people = try await gather { signals in
            var trials = Trials()
            for signal in signals { trials.add(signal) }
            return trials.all
        }
        var paid = try await pay()
        var random = SystemRandomNumberGenerator()
        let directives: [PooledEffect]
        do {
            directives = try EffectReport().release(
                people,
                epsilon: epsilon,
                budget: &paid,
                using: &random
            )
        } catch {
            throw .exhausted(left: paid.left)
        }
        return effects(
            try await change { ledger throws(Refusal) in
                ledger.effects = Effects(releasedAt: Date(), directives: directives)
            }
        )
    }

    /// What is to be known of each person who counts.
    private func gather<Person: Sendable>(
        _ read: @escaping @Sendable ([Signal]) -> Person
    ) async throws(Refusal) -> [Person] {
        // Before the work of it; it is paid when that is done.
        _ = try spending(of: try await ledger().ledger)
        let people = Mutex<[Person]>([])
        do {
            try await store.signals(granting: .population) { signals in
                let person = read(signals)
                people.withLock { $0.append(person) }
                return true
            }
        } catch {
            throw .store(error)
        }
        return people.withLock { $0 }
    }

    /// Pays for one release, durably, and gives what it may tell.
    private func pay() async throws(Refusal) -> PrivacyBudget {
        try await change { ledger throws(Refusal) in
            ledger.spent = try spending(of: ledger).spent
        }
        return PrivacyBudget(total: epsilon)
    }

    /// The budget with one more release taken from it.
    private func spending(of ledger: Ledger) throws(Refusal) -> PrivacyBudget {
        var budget = PrivacyBudget(total: total, spent: ledger.spent)
        do { try budget.spend(epsilon) } catch { throw .exhausted(left: budget.left) }
        return budget
    }

    private func effects(_ ledger: Ledger) -> PooledEffects {
        PooledEffects(
            releasedAt: ledger.effects?.releasedAt,
            effects: (ledger.effects?.directives ?? []).map {
                PooledEffects.Directive(
                    dimension: $0.dimension,
                    value: $0.value,
                    people: $0.people,
                    estimate: $0.estimate,
                    low: $0.low,
                    high: $0.high
                )
            },
            budget: Population.Budget(total: total, spent: ledger.spent, next: epsilon)
        )
    }

    private func answer(_ ledger: Ledger) -> Population {
        Population(
            releasedAt: ledger.releasedAt,
            dimensions: ledger.dimensions.map { one in
                Population.Distribution(
                    dimension: one.dimension,
                    shape: one.shape.rawValue,
                    camps: one.camps.map {
                        Population.Camp(
                            value: $0.value,
                            people: $0.people,
                            costOfAverage: $0.costOfAverage
                        )
                    }
                )
            },
            budget: Population.Budget(total: total, spent: ledger.spent, next: epsilon)
        )
    }

    private func ledger() async throws(Refusal) -> (ledger: Ledger, bytes: [UInt8]?) {
        let bytes: [UInt8]?
        do { bytes = try await store.population() } catch { throw .store(error) }
        guard let bytes else { return (Ledger(), nil) }
        do {
            return (try JSONDecoder().decode(Ledger.self, from: Data(bytes)), bytes)
        } catch {
            throw .unreadable
        }
    }

    /// Changes what is kept, from what it is at that moment: another release may have been paid for
    /// meanwhile, on this host or another.
    @discardableResult
    private func change(
        _ body: (inout Ledger) throws(Refusal) -> Void
    ) async throws(Refusal) -> Ledger {
        while true {
            var (ledger, old) = try await ledger()
            try body(&ledger)
            let bytes: Data
            do { bytes = try JSONEncoder().encode(ledger) } catch { throw .unreadable }
            do {
                if try await store.keepPopulation(Array(bytes), after: old) { return ledger }
            } catch {
                throw .store(error)
            }
        }
    }
}
