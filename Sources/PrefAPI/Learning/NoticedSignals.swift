internal import FoundationEssentials
public import PrefModel
internal import PrefStore

/// Keeps what prefd notices by itself, under its scope; where it cannot, nothing is lost but the signal.
public struct NoticedSignals: Sendable {
    private let store: any AccountStore
    private let events: any EventSink

    /// Keeps signals in `store`.
    public init(store: any AccountStore, events: any EventSink) {
        self.store = store
        self.events = events
    }

    /// Keeps one; one whose scope was withdrawn meanwhile is dropped.
    public func notice(_ noticed: NoticedSignal, of principal: Principal) async {
        let kept: Void? = try? await store.record(
            noticed.signal(id: RandomID.new(), at: Date()),
            of: principal
        )
        guard kept != nil else { return }
        events.record(
            Event(
                .signalRecorded,
                message: "A signal was noticed.",
                requestID: noticed.requestID,
                pseudonym: store.pseudonym(of: principal),
                app: noticed.context.app,
                more: [
                    "PREFD_SIGNAL": noticed.kind.rawValue,
                    "PREFD_SCOPE": noticed.kind.scope.journalName,
                ]
            )
        )
    }
}
