internal import PrefModel
internal import PrefStore

/// Keeps signals under their scope, and says so in the journal.
struct SignalKeeper: Sendable {
    let store: any AccountStore
    let events: any EventSink

    /// Keeps one.
    ///
    /// - Throws: ``StoreError``: `consentRequired` where its scope is not granted.
    func keep(
        _ signal: Signal,
        of principal: Principal,
        from app: String?,
        _ message: String
    ) async throws(StoreError) {
        try await store.record(signal, of: principal)
        events.record(
            Event(
                .signalRecorded,
                message: message,
                requestID: signal.requestID,
                pseudonym: store.pseudonym(of: principal),
                app: app,
                more: [
                    "PREFD_SIGNAL": signal.kind.rawValue,
                    "PREFD_SCOPE": signal.kind.scope.journalName,
                ]
            )
        )
    }
}
