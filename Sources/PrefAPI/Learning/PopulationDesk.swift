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
    func population() throws(StoreError) -> [UInt8]?
    /// Keeps what has been told so far; durable when it returns.
    func keepPopulation(_ bytes: [UInt8]) throws(StoreError)
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
    func latest() throws(Refusal) -> Population { answer(try ledger()) }

    /// Releases new figures.
    func release() async throws(Refusal) -> Population {
        var ledger = try ledger()
        // Before the work of it; it is paid when that is done.
        _ = try spending(of: ledger)
        let people = Mutex<[Belief]>([])
        do {
            try await store.signals(granting: .population) { [learner] signals in
                let belief = learner.belief(of: learner.replay(signals), at: Date())
                people.withLock { $0.append(belief) }
                return true
            }
        } catch {
            throw .store(error)
        }
        // Another release may have been paid for meanwhile.
        ledger = try self.ledger()
        ledger.spent = try spending(of: ledger).spent
        try keep(ledger)
        // What was paid, for all dimensions together.
        var paid = PrivacyBudget(total: epsilon)
        var random = SystemRandomNumberGenerator()
        let each = epsilon / Double(Set(Pole.all.map(\.dimension)).count)
        do {
            ledger.dimensions = try PopulationReport().release(
                people.withLock { $0 },
                epsilon: each,
                budget: &paid,
                using: &random
            )
        } catch {
            throw .exhausted(left: paid.left)
        }
        ledger.releasedAt = Date()
        try keep(ledger)
        return answer(ledger)
    }

    /// The budget with one more release taken from it.
    private func spending(of ledger: Ledger) throws(Refusal) -> PrivacyBudget {
        var budget = PrivacyBudget(total: total, spent: ledger.spent)
        do { try budget.spend(epsilon) } catch { throw .exhausted(left: budget.left) }
        return budget
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

    private func ledger() throws(Refusal) -> Ledger {
        let bytes: [UInt8]?
        do { bytes = try store.population() } catch { throw .store(error) }
        guard let bytes else { return Ledger() }
        do {
            return try JSONDecoder().decode(Ledger.self, from: Data(bytes))
        } catch {
            throw .unreadable
        }
    }

    private func keep(_ ledger: Ledger) throws(Refusal) {
        let bytes: Data
        do { bytes = try JSONEncoder().encode(ledger) } catch { throw .unreadable }
        do { try store.keepPopulation(Array(bytes)) } catch { throw .store(error) }
    }
}
