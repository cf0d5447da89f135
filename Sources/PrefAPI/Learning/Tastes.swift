public import FoundationEssentials
public import PrefLearning
public import PrefModel
internal import Synchronization

/// Gives the signals that are kept of a user, for what they teach.
public typealias SignalSource = @Sendable (Principal) async throws -> [Signal]

/// What users' signals have taught, in memory.
///
/// Nothing here is a fact of its own: the signals that the store keeps are, and the same signals give
/// the same beliefs. A user is read from them at first use, and again once a day, since evidence fades;
/// a signal that comes in meanwhile is added to what is there. Whatever deletes signals has to call
/// ``forget(_:)`` or ``forgetAll()``.
///
/// Learning fails open: where the signals cannot be read nothing has been learned, and no answer waits
/// for more than the first reading of them.
public final class Tastes: Sendable {
    /// One user, as far as their signals tell.
    private struct Known: Sendable {
        var model: UserModel
        /// The signals that went in, so that none counts twice.
        var absorbed: Set<String>
        var trials: Trials
        var preferences: [LearnedPreference]
        let readAt: Date
        var lastUsed: UInt64 = 0
    }

    /// What there is in memory, over all users.
    public struct Figures: Sendable, Hashable {
        /// Users whose tastes are in memory.
        public let users: Int
        /// The learned preferences in use of these.
        public let preferences: Int
        /// Signals that were learned from as they came in, since the start.
        public let signals: Int
    }

    private struct State {
        var learner: Learner
        var known: [Principal: Known] = [:]
        /// The reading that may still become what is known of a user.
        var readings: [Principal: UInt64] = [:]
        /// The questions that users have skipped since they were last read.
        var skipped: [Principal: Set<String>] = [:]
        var uses: UInt64 = 0
        /// How often anything was forgotten.
        var losses: UInt64 = 0
        /// How many signals have been absorbed.
        var signals = 0

        mutating func forget(_ principal: Principal) {
            known[principal] = nil
            readings[principal] = nil
        }

        /// Drops the quarter that was used longest ago where there are too many.
        mutating func makeRoom(limit: Int) {
            guard known.count >= limit else { return }
            let oldest = known.sorted { $0.value.lastUsed < $1.value.lastUsed }
            for (principal, _) in oldest.prefix(limit / 4 + 1) { known[principal] = nil }
        }
    }

    /// How old what is known may be before the signals are read again.
    private static let freshSeconds = 86_400.0

    let elicitation: Elicitation
    /// The learner with the starting point that ships.
    public let shipped: Learner
    private let reading: DirectiveReading
    private let signals: SignalSource
    private let onFailure: @Sendable (Principal) -> Void
    private let now: @Sendable () -> Date
    private let limit: Int
    private let state: Mutex<State>

    /// Makes a memory with nothing in it.
    ///
    /// - Parameters:
    ///   - learner: how signals are understood.
    ///   - policy: when what was learned is worth a line in a prompt.
    ///   - leastGain: the information in nats under which questions stop.
    ///   - limit: how many users are kept in memory.
    ///   - now: the clock.
    ///   - signals: reads a user's signals.
    ///   - onFailure: told of a user whose signals could not be read.
    public init(
        learner: Learner = Learner(),
        policy: DirectivePolicy = DirectivePolicy(),
        leastGain: Double = 0.02,
        limit: Int = 2048,
        now: @escaping @Sendable () -> Date = { Date() },
        signals: @escaping SignalSource,
        onFailure: @escaping @Sendable (Principal) -> Void = { _ in }
    ) {
        shipped = learner
        state = Mutex(State(learner: learner))
        reading = DirectiveReading(policy: policy)
        elicitation = Elicitation(leastGain: leastGain)
        self.limit = max(1, limit)
        self.now = now
        self.signals = signals
        self.onFailure = onFailure
    }

    /// What was learned of a user and is used: sure enough, worth its tokens, and not stale.
    func preferences(of principal: Principal) async -> [LearnedPreference] {
        await known(principal)?.preferences ?? []
    }

    /// What the signals say of a dimension so far, whether or not it is used; nil where none has spoken
    /// of it.
    func leaning(on dimension: DimensionID, of principal: Principal) async -> LearnedPreference? {
        guard let model = await known(principal)?.model else { return nil }
        return await Task.detached { [learner, reading, now] in
            let date = now()
            return reading.why(
                dimension,
                of: model,
                belief: learner.belief(of: model, at: date),
                at: date
            )
        }.value
    }

    /// What leaving a directive out now and then has shown; nil where that says nothing yet.
    func effect(of learned: LearnedPreference, on principal: Principal) async -> Effect? {
        await known(principal)?.trials.effect(of: learned)
    }

    /// What leaving directives out now and then has shown, all that was tried.
    func trials(of principal: Principal) async -> Trials {
        await known(principal)?.trials ?? Trials()
    }

    /// What is believed of a user; the population's starting point where nothing is known.
    func belief(of principal: Principal) async -> Belief {
        let model = await known(principal)?.model ?? UserModel()
        return await Task.detached { [learner, now] in learner.belief(of: model, at: now()) }.value
    }

    /// Puts answers into the order in which a user would like them, the best first; nil where no signal
    /// of theirs says anything yet.
    ///
    /// Answers without text come last.
    public func order(
        _ answers: [TextFeatures],
        of principal: Principal,
        in context: RequestContext
    ) async -> [RankedAnswer]? {
        guard let model = await known(principal)?.model, model.signals > 0 else { return nil }
        return await Task.detached { [learner, now] in
            let places = Ranking.order(
                answers.map { AnswerVector($0) },
                by: learner.belief(of: model, at: now()),
                in: ContextLevel.levels(of: context)
            )
            let hasText = answers.map { ($0.values["words"] ?? 0) > 0 }
            let ordered = places.filter { hasText[$0.index] } + places.filter { !hasText[$0.index] }
            return ordered.map {
                RankedAnswer(index: $0.index, score: $0.score, overFirst: $0.overFirst)
            }
        }.value
    }

    /// What to ask for before the store is given a signal, for ``absorb(_:of:since:)``.
    var losses: UInt64 { state.withLock { $0.losses } }

    /// Takes a signal that the store has just kept.
    ///
    /// Returns when it counts; whoever is not in memory is read with it at next use, and so is everyone
    /// of whom it may have been deleted meanwhile, which is where anything was forgotten since.
    func absorb(_ signal: Signal, of principal: Principal, since losses: UInt64) async {
        let known = state.withLock { state -> Known? in
            guard state.losses == losses else {
                state.forget(principal)
                return nil
            }
            // What is being read may lack the signal, or have it: it is read again.
            state.readings[principal] = nil
            guard var known = state.known[principal], !known.absorbed.contains(signal.id) else {
                return nil
            }
            state.learner.absorb(signal, into: &known.model)
            known.absorbed.insert(signal.id)
            state.signals += 1
            known.trials.add(signal)
            state.known[principal] = known
            return known
        }
        guard let known else { return }
        let preferences = await read(known.model, known.trials)
        state.withLock { state in
            // Another signal may have come in between; then what that one gave is newer.
            guard state.known[principal]?.absorbed.count == known.absorbed.count else { return }
            state.known[principal]?.preferences = preferences
        }
    }

    /// Drops what is known of a user, to be read again from what signals are left.
    public func forget(_ principal: Principal) {
        state.withLock { state in
            state.losses += 1
            state.forget(principal)
            state.skipped[principal] = nil
        }
    }

    /// Drops what is known of everyone.
    func forgetAll() {
        state.withLock { state in
            state.losses += 1
            state.known = [:]
            state.readings = [:]
            state.skipped = [:]
        }
    }

    /// How much there is, for the metrics.
    public var figures: Figures {
        state.withLock { state in
            Figures(
                users: state.known.count,
                preferences: state.known.values.reduce(0) { $0 + $1.preferences.count },
                signals: state.signals
            )
        }
    }

    // MARK: Where users start

    private var learner: Learner { state.withLock { $0.learner } }

    /// Whether users start from anything but what ships.
    var isMoved: Bool { state.withLock { $0.learner.prior.types != shipped.prior.types } }

    /// Lets all users start from here; each is read again at next use.
    func start(from prior: TypeMixture) {
        let learner = Learner(prior: prior, parameters: shipped.parameters)
        state.withLock { state in
            state.learner = learner
            state.known = [:]
            state.readings = [:]
        }
    }

    // MARK: Questions

    /// Remembers, in memory only, that a user would rather not answer a question.
    func skip(_ question: String, of principal: Principal) {
        state.withLock { state in
            if state.skipped.count >= limit { state.skipped = [:] }
            state.skipped[principal, default: []].insert(question)
        }
    }

    /// The questions that a user has skipped.
    func skipped(by principal: Principal) -> Set<String> {
        state.withLock { $0.skipped[principal] ?? [] }
    }

    // MARK: Reading

    private func known(_ principal: Principal) async -> Known? {
        let date = now()
        let (found, reading) = state.withLock { state -> (Known?, UInt64) in
            state.uses += 1
            if let known = state.known[principal],
                abs(date.timeIntervalSince(known.readAt)) < Self.freshSeconds
            {
                state.known[principal]?.lastUsed = state.uses
                return (known, 0)
            }
            state.readings[principal] = state.uses
            return (nil, state.uses)
        }
        if let found { return found }
        let read: [Signal]
        do {
            read = try await signals(principal)
        } catch {
            onFailure(principal)
            return nil
        }
        let model = await Task.detached { [learner] in learner.replay(read) }.value
        var trials = Trials()
        for signal in read { trials.add(signal) }
        let known = Known(
            model: model,
            absorbed: Set(read.map(\.id)),
            trials: trials,
            preferences: await self.read(model, trials),
            readAt: date,
            lastUsed: reading
        )
        state.withLock { state in
            guard state.readings[principal] == reading else { return }
            state.readings[principal] = nil
            state.makeRoom(limit: limit)
            state.known[principal] = known
        }
        return known
    }

    /// The preferences of a model; off the event loops, for it takes up to a few milliseconds.
    private func read(_ model: UserModel, _ trials: Trials) async -> [LearnedPreference] {
        guard model.signals > 0 else { return [] }
        return await Task.detached { [learner, reading, now] in
            let date = now()
            return reading.preferences(
                of: model,
                belief: learner.belief(of: model, at: date),
                at: date
            ).filter { !$0.isStale && trials.effect(of: $0)?.isHarmful != true }
        }.value
    }
}
