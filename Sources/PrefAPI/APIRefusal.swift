internal import PrefControl
internal import PrefModel
internal import PrefStore

/// Why a call was not carried out.
///
/// Mapped once to a status, and to words for whoever called.
enum APIRefusal: Error {
    /// The body is not JSON.
    case notJSON(JSONSyntaxError)
    /// The body is JSON of another shape than the call takes, or the query has a name it does not.
    case malformed(String, hint: String)
    /// A field or query value outside what is allowed.
    case badValue(String, hint: String, allowed: [String]? = nil)
    /// The vocabulary or the composer would not take the preference.
    case preference(PreferenceRefusal)
    /// The scope that the call needs is not granted.
    case consentRequired(ConsentScope)
    /// No such consent scope.
    case unknownScope(nearest: String?)
    /// No call of this path.
    case unknownEndpoint
    /// The path takes other methods.
    case methodNotAllowed([String])
    /// No request of this id, or not this principal's.
    case unknownRequest
    /// No user of this pseudonym.
    case unknownUser
    /// The call contradicts itself or what is there.
    case conflict(code: String, String, hint: String)
    /// The body is longer than the limit, in bytes.
    case tooLarge(limit: Int)
    /// The principal has this many calls in flight already.
    case tooManyCalls(limit: Int)
    /// An admin's call without its reason.
    case reasonRequired
    /// A rule pack that the call names does not load.
    case badRules([FileProblem])
    /// The store cannot read or write now.
    case storeUnavailable
    /// What is stored for this principal does not verify.
    case recordsDamaged
    /// A defect of prefd's own.
    case internalFailure

    /// What a refusal of the store's means for a call.
    init(_ error: StoreError) {
        self =
            switch error {
            case .consentRequired(let scope): .consentRequired(scope)
            case .tooLarge(let limit): .tooLarge(limit: limit)
            case .tooMany:
                .conflict(code: "store_limit", error.description, hint: error.hint)
            case .recordDamaged: .recordsDamaged
            default: .storeUnavailable
            }
    }

    /// The HTTP status.
    var status: Int {
        switch self {
        case .notJSON, .malformed: 400
        case .consentRequired: 403
        case .unknownEndpoint, .unknownRequest, .unknownUser, .unknownScope: 404
        case .methodNotAllowed: 405
        case .conflict: 409
        case .tooLarge: 413
        case .badValue, .reasonRequired, .badRules: 422
        case .preference(.unknownDimension): 404
        case .preference: 422
        case .tooManyCalls: 429
        case .storeUnavailable, .recordsDamaged: 503
        case .internalFailure: 500
        }
    }

    /// Header fields that go with the status.
    var headers: [(name: String, value: String)] {
        switch self {
        case .methodNotAllowed(let methods): [("Allow", methods.joined(separator: ", "))]
        case .tooManyCalls, .storeUnavailable: [("Retry-After", "1")]
        default: []
        }
    }

    /// The code, and the words for whoever called.
    var error: APIError {
        switch self {
        case .notJSON(let error):
            APIError(
                code: "malformed",
                message: "The body is not JSON: \(error).",
                hint: "Send one JSON object, in UTF-8, with each key once."
            )
        case .malformed(let message, let hint):
            APIError(code: "malformed", message: message, hint: hint)
        case .badValue(let message, let hint, let allowed):
            APIError(code: "bad_value", message: message, hint: hint, allowed: allowed)
        case .preference(let refusal): Self.error(of: refusal)
        case .consentRequired(let scope):
            APIError(
                code: "consent_required",
                message: "This needs the consent scope \(scope), which is not granted.",
                hint: "Grant it with PUT /prefd/v1/consent/\(scope) {\"granted\": true} "
                    + "(or: prefctl consent grant \(scope)).",
                scope: scope
            )
        case .unknownScope(let nearest):
            APIError(
                code: "unknown_scope",
                message: "There is no consent scope of that name.",
                hint: nearest.map { "Did you mean \($0)?" }
                    ?? "GET /prefd/v1/consent (or: prefctl consent list) lists them.",
                allowed: ConsentScope.standard.map(\.description) + ["share:APP"]
            )
        default: plainError
        }
    }

    private var plainError: APIError {
        switch self {
        case .unknownEndpoint:
            APIError(
                code: "unknown_endpoint",
                message: "prefd has no call of this path.",
                hint:
                    "The calls are under /prefd/v1/: me, dimensions, preferences, consent, signals, "
                    + "requests/{id}, export."
            )
        case .methodNotAllowed(let methods):
            APIError(
                code: "method_not_allowed",
                message: "This path does not take that method.",
                hint: "It takes \(methods.joined(separator: ", "))."
            )
        case .unknownRequest:
            APIError(
                code: "unknown_request",
                message: "You have no request of that id.",
                hint: "prefd remembers your latest requests in memory until it restarts; "
                    + "a signal can also be sent without request_id."
            )
        case .unknownUser:
            APIError(
                code: "unknown_user",
                message: "There is no user of that pseudonym.",
                hint: "GET /prefd/v1/admin/users (or: prefctl users) lists them."
            )
        case .conflict(let code, let message, let hint):
            APIError(code: code, message: message, hint: hint)
        case .tooLarge(let limit):
            APIError(
                code: "request_too_large",
                message: "The body is longer than \(limit) bytes.",
                hint: "Send less at once."
            )
        case .tooManyCalls(let limit):
            APIError(
                code: "too_many_requests",
                message: "You have \(limit) calls in flight, which is the limit.",
                hint: "Wait for some of them to be answered."
            )
        case .reasonRequired:
            APIError(
                code: "reason_required",
                message: "This call needs a reason, which is journaled.",
                hint: "Add ?reason=… (or: prefctl user … --reason …), 3 to 200 characters."
            )
        case .badRules(let problems): Self.error(of: problems)
        case .storeUnavailable:
            APIError(
                code: "store_unavailable",
                message: "prefd's store cannot be used now.",
                hint: "Nothing was changed. Try again; an admin finds the cause in the journal."
            )
        case .recordsDamaged:
            APIError(
                code: "store_unavailable",
                message: "What is stored for you does not verify.",
                hint: "An admin finds more in the journal; forget-me lets you start over."
            )
        default:
            APIError(
                code: "internal",
                message: "prefd could not answer.",
                hint: "This is a defect of prefd: please report it with the journal's entry."
            )
        }
    }

    private static func error(of refusal: PreferenceRefusal) -> APIError {
        var allowed: [String]?
        if case .badValue(_, let values) = refusal { allowed = values }
        return APIError(
            code: refusal.code,
            message: refusal.description,
            hint: refusal.hint,
            allowed: allowed
        )
    }

    private static func error(of problems: [FileProblem]) -> APIError {
        let first = problems.first
        let place = first.map { [$0.file, $0.line.map(String.init)].compactMap(\.self) } ?? []
        return APIError(
            code: "bad_rules",
            message: "These rules do not load: \(place.joined(separator: ":")): "
                + (first?.message ?? "no reason was given"),
            hint: first?.hint ?? "prefctl rules lint shows every problem."
        )
    }
}
