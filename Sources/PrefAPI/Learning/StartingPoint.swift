public import FoundationEssentials
internal import PrefLearning
internal import PrefModel
public import PrefStore
internal import Synchronization

/// Where a user of whom nothing is known starts: the latent types that ship, moved toward the users who
/// grant `population`.
///
/// The fit is worked out from the signals that are kept, and lives in memory only. When someone who
/// counts in it goes, users start from what ships until it is worked out anew without them: nothing that
/// was learned from signals outlives them.
public final class StartingPoint: Sendable {
    /// Of fewer users one could tell from the types what each of them likes.
    static let leastUsers = 20
    /// More move the types no further, and each costs time.
    static let mostUsers = 2_000
    /// How old a fit may be.
    private static let freshSeconds = 86_400.0

    private struct State {
        /// How many users count in what is in force.
        var users = 0
        var fittedAt: Date?
        /// How often someone who may have counted has gone.
        var drops: UInt64 = 0
    }

    private let store: any PopulationStore
    private let tastes: Tastes
    private let now: @Sendable () -> Date
    private let state = Mutex(State())

    /// Makes a starting point that is not moved yet.
    public init(
        store: any PopulationStore,
        tastes: Tastes,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.tastes = tastes
        self.now = now
    }

    /// How many users count in it: 0 where it is what ships.
    public var users: Int { state.withLock { $0.users } }

    /// Works it out where there is none, where it is old, and where it was dropped.
    ///
    /// Takes its time, off the event loops and giving way after each round.
    ///
    /// - Throws: ``StoreError``; then what was in force stays.
    public func refresh() async throws(StoreError) {
        let date = now()
        let drops = state.withLock { state -> UInt64? in
            if let last = state.fittedAt, abs(date.timeIntervalSince(last)) < Self.freshSeconds {
                return nil
            }
            return state.drops
        }
        guard let drops else { return }
        let people = try await gather(at: date)
        let start = tastes.shipped.prior
        var fitted = start
        if people.count >= Self.leastUsers {
            for _ in 0..<TypeFitting.refiningRounds {
                let next = await Task.detached(priority: .background) { [fitted] in
                    TypeFitting.refine(
                        fitted,
                        from: start,
                        startUsers: TypeFitting.startUsers,
                        on: people
                    )
                }.value
                guard let next else { break }
                fitted = next
            }
        }
        state.withLock { state in
            // Of someone who has gone meanwhile nothing may be left: the next time it is without them.
            guard state.drops == drops else { return }
            state.fittedAt = date
            state.users = people.count >= Self.leastUsers ? people.count : 0
            if fitted.types != start.types || tastes.isMoved { tastes.start(from: fitted) }
        }
    }

    /// Goes back to what ships: someone who counted has gone.
    func drop() {
        state.withLock { state in
            state.drops += 1
            state.fittedAt = nil
            state.users = 0
            if tastes.isMoved { tastes.start(from: tastes.shipped.prior) }
        }
    }

    private func gather(at date: Date) async throws(StoreError) -> [Evidence] {
        let people = Mutex<[Evidence]>([])
        let learner = tastes.shipped
        try await store.signals(granting: .population) { signals in
            let model = await Task.detached(priority: .background) { learner.replay(signals) }.value
            guard model.signals > 0 else { return true }
            let evidence = learner.evidence(of: model, at: date)
            return people.withLock { people in
                people.append(evidence)
                return people.count < Self.mostUsers
            }
        }
        return people.withLock { $0 }
    }
}
