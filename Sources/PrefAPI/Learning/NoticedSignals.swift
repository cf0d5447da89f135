internal import FoundationEssentials
public import PrefModel
internal import PrefStore

/// Keeps what prefd notices by itself, under its scope; where it cannot, nothing is lost but the signal.
public struct NoticedSignals: Sendable {
    private let keeper: SignalKeeper

    /// Keeps signals in `store`.
    public init(store: any AccountStore, events: any EventSink) {
        keeper = SignalKeeper(store: store, events: events)
    }

    /// Keeps one; one whose scope was withdrawn meanwhile is dropped.
    public func notice(_ noticed: NoticedSignal, of principal: Principal) async {
        try? await keeper.keep(
            noticed.signal(id: RandomID.new(), at: Date()),
            of: principal,
            from: noticed.context.app,
            "A signal was noticed."
        )
    }
}
