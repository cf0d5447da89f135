public import FoundationEssentials
public import PrefLearning
public import PrefModel
internal import PrefControl
internal import Synchronization

/// Gives the signals that are kept of a user, for what they teach.
public typealias SignalSource = @Sendable (Principal) async throws -> KeptSignals

/// What users' signals have taught, in memory.
///
/// Nothing here is a fact of its own: the signals that the store keeps are, and the same signals give
/// the same beliefs. A user is read from them at first use, and again once a day, since evidence fades;
/// a signal that comes in meanwhile is added to what is there. Whatever deletes signals has to call
/// ``forget(_:)`` or ``forgetAll()``.
///
/// Learning fails open: where the signals cannot be read nothing has been learned, and no answer waits
/// for the reading of them for longer than a moment.
public final class Tastes: Sendable {
    /// What there is in memory, over all users.
    public struct Figures: Sendable, Hashable {
        /// Users whose tastes are in memory.
        public let users: Int
        /// The learned preferences in use of these.
        public let preferences: Int
        /// Signals that were learned from as they came in, since the start.
        public let signals: Int
    }

    struct State {
        var learner: Learner
        var memory: TasteMemory
        /// How many signals have been absorbed.
        var signals = 0
    }

    let elicitation: Elicitation
    /// The learner with the starting point that ships.
    public let shipped: Learner
    let reading: DirectiveReading
    let signals: SignalSource
    let onFailure: @Sendable (Principal) -> Void
    let now: @Sendable () -> Date
    let patience: Duration
    let state: Mutex<State>

    /// Makes a memory with nothing in it.
    ///
    /// - Parameters:
    ///   - learner: how signals are understood.
    ///   - policy: when what was learned is worth a line in a prompt.
    ///   - leastGain: the information in nats under which questions stop.
    ///   - limit: how many users are kept in memory.
    ///   - patience: how long an answer waits for the reading of its user's signals.
    ///   - now: the clock.
    ///   - signals: reads a user's signals.
    ///   - onFailure: told of a user whose signals could not be read.
    public init(
        learner: Learner = Learner(),
        policy: DirectivePolicy = DirectivePolicy(),
        leastGain: Double = 0.02,
        limit: Int = 2048,
        patience: Duration = .milliseconds(20),
        now: @escaping @Sendable () -> Date = { Date() },
        signals: @escaping SignalSource,
        onFailure: @escaping @Sendable (Principal) -> Void = { _ in }
    ) {
        shipped = learner
        state = Mutex(State(learner: learner, memory: TasteMemory(limit: limit)))
        reading = DirectiveReading(policy: policy)
        elicitation = Elicitation(leastGain: leastGain)
        self.patience = patience
        self.now = now
        self.signals = signals
        self.onFailure = onFailure
    }

    // MARK: For answers, which wait for a moment only

    /// What was learned of a user that counts in an app and what of it is used, as far as that is known
    /// in a moment: nothing where their signals are still being read.
    func conclusionsForAnswer(
        to principal: Principal,
        in app: String
    ) async -> TasteView.Conclusions {
        let views = await known(principal, within: patience)?.views
        return views.map { $0[$0.place(of: app)].conclusions } ?? TasteView.Conclusions()
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
        guard let views = await known(principal, within: patience)?.views else { return nil }
        let model = views[views.place(of: context.app)].model
        guard model.signals > 0 else { return nil }
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

    // MARK: For who asks what was learned

    /// What was learned of a user and is used, in whatever app: sure enough, worth its tokens, and not
    /// stale.
    func preferences(of principal: Principal) async -> [LearnedPreference] {
        guard let views = await known(principal)?.views else { return [] }
        return views.places.flatMap { views[$0].conclusions.used }
    }

    /// What of it counts in an app.
    func preferences(of principal: Principal, in app: String) async -> [LearnedPreference] {
        guard let views = await known(principal)?.views else { return [] }
        return views[views.place(of: app)].conclusions.used
    }

    /// What the signals say of a dimension so far, whether or not it is used: what counts in an app,
    /// and what counts in other apps alone.
    func leanings(
        on dimension: DimensionID,
        of principal: Principal,
        in app: String
    ) async -> (here: LearnedPreference?, elsewhere: [LearnedPreference]) {
        guard let views = await known(principal)?.views else { return (nil, []) }
        return await Task.detached { [learner, reading, now] in
            let date = now()
            func leaning(in place: TasteViews.Place) -> LearnedPreference? {
                let model = views[place].model
                return reading.why(
                    dimension,
                    of: model,
                    belief: learner.belief(of: model, at: date),
                    in: place.app.map { [.app($0)] } ?? [],
                    at: date
                )
            }
            let common = leaning(in: .common)
            let here = views.place(of: app)
            let others = views.places.filter { $0 != .common && $0 != here }
            return (
                here == .common ? common : leaning(in: here),
                // Where an app's own signals do not speak of it, nothing is to be said of the app.
                others.compactMap(leaning).filter { $0.evidence != (common?.evidence ?? []) }
            )
        }.value
    }

    /// What leaving a directive out now and then has shown; nil where that says nothing yet.
    func effect(of learned: LearnedPreference, on principal: Principal) async -> Effect? {
        guard let views = await known(principal)?.views else { return nil }
        return views[views.place(of: learned.key.context.app)].trials.effect(of: learned)
    }

    /// What leaving directives out now and then has shown, all that was tried.
    func trials(of principal: Principal) async -> [DirectiveTrial] {
        guard let views = await known(principal)?.views else { return [] }
        return views.places.flatMap { views[$0].trials.list(in: $0.app) }
    }

    /// What is believed of a user in any app; the population's starting point where nothing is known.
    func belief(of principal: Principal) async -> Belief {
        let model = await known(principal)?.views[.common].model ?? UserModel()
        return await Task.detached { [learner, now] in learner.belief(of: model, at: now()) }.value
    }

    /// How much there is, for the metrics.
    public var figures: Figures {
        state.withLock { state in
            let known = state.memory.known
            return Figures(
                users: known.count,
                preferences: known.values.reduce(0) { sum, one in
                    one.views.places.reduce(sum) { $0 + one.views[$1].conclusions.used.count }
                },
                signals: state.signals
            )
        }
    }

    // MARK: Where users start

    var learner: Learner { state.withLock { $0.learner } }

    /// Whether users start from anything but what ships.
    var isMoved: Bool { state.withLock { $0.learner.prior.types != shipped.prior.types } }

    /// Lets all users start from here; each is read again at next use.
    func start(from prior: TypeMixture) {
        let learner = Learner(prior: prior, parameters: shipped.parameters)
        state.withLock { state in
            state.learner = learner
            state.memory.dropAll()
        }
    }

    // MARK: Questions

    /// Remembers, in memory only, that a user would rather not answer a question.
    func skip(_ question: String, of principal: Principal) {
        state.withLock { $0.memory.skip(question, of: principal) }
    }

    /// The questions that a user has skipped.
    func skipped(by principal: Principal) -> Set<String> {
        state.withLock { $0.memory.skipped[principal] ?? [] }
    }
}
