internal import PrefControl
internal import PrefModel

/// Writes what the API did to the journal: fixed words, names of the vocabulary and pseudonyms;
/// never a value, a text or an id.
struct Journal: Sendable {
    let events: any EventSink
    let pseudonym: @Sendable (Principal) -> String

    /// Records something that was done for the caller.
    func done(
        _ kind: EventKind,
        _ message: String,
        _ request: APIRequest,
        tier: Tier? = nil,
        more: [String: String] = [:]
    ) {
        events.record(
            Event(
                kind,
                message: message,
                pseudonym: pseudonym(request.principal),
                app: request.app,
                tier: tier,
                more: more
            )
        )
    }

    /// Records what an admin did, and why.
    func admin(
        _ action: String,
        _ request: APIRequest,
        subject: String? = nil,
        reason: String? = nil,
        failed: Bool = false
    ) {
        var more: [String: String] = ["PREFD_OUTCOME": failed ? "failed" : "done"]
        if let subject { more["PREFD_SUBJECT"] = subject }
        if let reason { more["PREFD_REASON"] = reason }
        events.record(
            Event(
                .adminAction,
                priority: .notice,
                message: "An admin asked for \(action).",
                pseudonym: pseudonym(request.principal),
                app: request.app,
                action: action,
                more: more
            )
        )
    }

    /// Records a refusal that someone may want to know of.
    func refused(_ refusal: APIRefusal, _ request: APIRequest) {
        let code = refusal.error.code
        switch refusal {
        case .storeUnavailable, .recordsDamaged:
            record(
                .storeUnavailable,
                .error,
                "The store could not carry out a call.",
                code,
                request
            )
        case .preference(.universal), .preference(.unsafeText):
            record(.preferenceRefused, .notice, "A preference was refused.", code, request)
        case .preference:
            record(.preferenceRefused, .info, "A preference was refused.", code, request)
        case .consentRequired(let scope):
            record(
                .signalRefused,
                .info,
                "A signal came without the consent it needs.",
                code,
                request,
                more: ["PREFD_SCOPE": scope.journalName]
            )
        case .tooManyCalls:
            record(.requestRefused, .notice, "A user has too many calls in flight.", code, request)
        case .internalFailure:
            record(.requestRefused, .error, "A call failed within prefd.", code, request)
        default: break
        }
    }

    private func record(
        _ kind: EventKind,
        _ priority: Event.Priority,
        _ message: String,
        _ code: String,
        _ request: APIRequest,
        more: [String: String] = [:]
    ) {
        events.record(
            Event(
                kind,
                priority: priority,
                message: message,
                pseudonym: pseudonym(request.principal),
                app: request.app,
                more: more.merging(["PREFD_CODE": code]) { first, _ in first }
            )
        )
    }
}

extension ConsentScope {
    /// The scope's name for the journal: an app's name in `share:APP` is the user's own word, and
    /// stays out.
    var journalName: String {
        if case .share = self { "share" } else { description }
    }
}
