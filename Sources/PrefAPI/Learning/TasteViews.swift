internal import PrefLearning
public import PrefModel
internal import PrefStore

/// What is kept of a user that teaches anything, and which of it may count beyond its own app.
public struct KeptSignals: Sendable {
    /// The signals.
    public let signals: [Signal]
    /// The apps whose signals the user lets count in other apps.
    public let sharedApps: Set<String>

    /// Makes what is kept.
    public init(signals: [Signal], sharedApps: Set<String>) {
        self.signals = signals
        self.sharedApps = sharedApps
    }
}

/// What one body of signals teaches: those that count in one place.
struct TasteView: Sendable {
    var model = UserModel()
    var trials = Trials()
    var conclusions = Conclusions()
    /// How many signals were absorbed, whether or not they taught anything.
    private(set) var signals = 0

    /// What is to be done about what is known.
    struct Conclusions: Sendable {
        /// What was learned and is used: sure enough, worth its tokens, and not stale.
        var used: [LearnedPreference] = []
        /// What would be, had experiments not shown that answers with it are received worse.
        var dropped: [LearnedPreference] = []
    }

    mutating func absorb(_ signal: Signal, by learner: Learner) {
        learner.absorb(signal, into: &model)
        trials.add(signal)
        signals += 1
    }
}

/// What signals teach of a user, by the apps in which it counts.
///
/// What is learned through one app counts there alone, beside what counts in all: the user's answers to
/// prefd's own questions, and the signals of apps that they share. Each such body of signals has a
/// posterior of its own that starts from the population's latent types, so that nothing of one app is
/// in another's, not even how far a kind of signal is relied on.
struct TasteViews: Sendable {
    /// Names one of the bodies of signals.
    enum Place: Hashable {
        /// Apps that no signal has come from, and those that are shared.
        case common
        /// An app whose signals count in it alone.
        case app(String)

        /// The app that what is learned in this place is for; nil where it is not for one.
        var app: String? { if case .app(let name) = self { name } else { nil } }
    }

    /// Of how many apps signals count; of more, those with the most signals.
    static let mostApps = 32

    private let sharedApps: Set<String>
    private var common = TasteView()
    private var apart: [String: TasteView] = [:]

    /// What a user's signals teach.
    init(_ kept: KeptSignals, by learner: Learner) {
        sharedApps = kept.sharedApps
        var counts: [String: Int] = [:]
        for signal in kept.signals {
            if case .app(let app) = reach(of: signal) { counts[app, default: 0] += 1 }
        }
        let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(Self.mostApps)
        let heard = Set(most.map(\.key))
        for signal in kept.signals.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) {
            if let app = reach(of: signal)?.app, !heard.contains(app) { continue }
            _ = absorb(signal, by: learner)
        }
    }

    /// Every place that there is.
    var places: [Place] { [.common] + apart.keys.sorted().map(Place.app) }

    /// Where what counts in an app is.
    func place(of app: String?) -> Place {
        guard let app, apart[app] != nil else { return .common }
        return .app(app)
    }

    subscript(place: Place) -> TasteView {
        get { place.app.flatMap { apart[$0] } ?? common }
        set {
            switch place {
            case .common: common = newValue
            case .app(let app): apart[app] = newValue
            }
        }
    }

    /// Takes a signal where it counts, and gives the places that it changed.
    ///
    /// Nil where there is one app too many: then all signals are to be read again.
    mutating func absorb(_ signal: Signal, by learner: Learner) -> [Place]? {
        switch reach(of: signal) {
        case nil: return []
        case .common:
            common.absorb(signal, by: learner)
            for app in apart.keys { apart[app]?.absorb(signal, by: learner) }
            return places
        case .app(let app):
            guard apart[app] != nil || apart.count < Self.mostApps else { return nil }
            // What counts everywhere counts there too.
            let start = common
            apart[app, default: start].absorb(signal, by: learner)
            return [.app(app)]
        }
    }

    /// Where a signal counts; nowhere, where it is not known which app it came from.
    private func reach(of signal: Signal) -> Place? {
        if signal.question != nil { return .common }
        guard let app = signal.context?.app else { return nil }
        return sharedApps.contains(app) ? .common : .app(app)
    }
}
