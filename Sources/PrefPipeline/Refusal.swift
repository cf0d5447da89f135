/// Why an exchange ended without the backend's answer: mapped once, here, to what the client sees.
///
/// Statuses are chosen so that SDKs retry only what can succeed on a second try: they retry 408,
/// 409, 429 and 5xx.
public enum Refusal: Error, Equatable, Sendable {
    /// The path is no endpoint prefd knows.
    case unknownEndpoint(method: String, path: String)
    /// The body is not what the endpoint takes.
    case malformed(message: String, parameter: String?)
    /// The body is over the limit.
    case tooLarge(limitBytes: Int)
    /// The request line or headers are over the limit.
    case headersTooLarge
    /// The connection asked for another protocol.
    case upgrade
    /// The bytes were no request that could be read.
    case unreadable(status: Int, message: String)
    /// The service has as much to do as it may take on.
    case overloaded(message: String)
    /// A peer that may not name end users named one.
    case userNotAllowed
    /// A header of prefd's own has a value it does not take.
    case badHeader(name: String, allowed: String)
    /// No backend serves the model.
    case noBackend
    /// This user has too many requests running.
    case tooManyRequests(limit: Int)
    /// The backend kept failing and is left alone for so many seconds more.
    case backendSuspended(String, retryAfter: Int)
    /// The backend has as many requests as it takes, and as many wait as may; a place should be free in
    /// so many seconds.
    case backendBusy(String, retryAfter: Int)
    /// The backend did not answer.
    case upstream(UpstreamFailure, backend: String)
    /// The backend's answer cannot be checked by the rules.
    case uncheckable(String, backend: String)

    /// The HTTP status.
    public var status: Int {
        switch self {
        case .unknownEndpoint, .noBackend: 404
        case .malformed, .badHeader, .upgrade: 400
        case .tooLarge: 413
        case .unreadable(let status, _): status
        case .headersTooLarge: 431
        case .userNotAllowed: 403
        case .tooManyRequests: 429
        case .backendSuspended, .backendBusy, .overloaded: 503
        case .upstream(.timedOut, _), .upstream(.connectTimedOut, _): 504
        case .upstream, .uncheckable: 502
        }
    }

    /// The code in the dialect's error envelope.
    public var code: String {
        switch self {
        case .unknownEndpoint: "unknown_endpoint"
        case .malformed: "malformed"
        case .tooLarge: "request_too_large"
        case .headersTooLarge: "headers_too_large"
        case .upgrade: "upgrade_not_supported"
        case .unreadable: "unreadable_request"
        case .overloaded: "overloaded"
        case .userNotAllowed: "user_not_allowed"
        case .badHeader: "bad_header"
        case .noBackend: "model_not_found"
        case .tooManyRequests: "too_many_requests"
        case .backendSuspended: "backend_suspended"
        case .backendBusy: "backend_busy"
        case .upstream(.timedOut, _), .upstream(.connectTimedOut, _): "backend_timeout"
        case .upstream(.unreachable, _): "backend_unreachable"
        case .upstream(.broken, _): "backend_failed"
        case .uncheckable: "backend_answer_unreadable"
        }
    }

    /// What was wrong, where, and what to do.
    public var message: String {
        switch self {
        case .unknownEndpoint(let method, let path):
            "prefd does not serve \(method) \(Self.printable(path)): only endpoints whose output its "
                + "rules can watch are open."
        case .malformed(let message, _), .unreadable(_, let message), .overloaded(let message):
            message
        case .tooLarge(let limit):
            "The request body is over the limit of \(limit) bytes (limits.body)."
        case .headersTooLarge: "The request line and headers are over the limit."
        case .upgrade:
            "WebSocket and realtime connections are not served: their output could not be checked. "
                + "Use the HTTP endpoints, with stream: true for streams."
        case .userNotAllowed:
            "This app may not name end users: X-Prefd-User is taken only from an app whose "
                + "configuration has delegate: true."
        case .badHeader(let name, let allowed): "\(name) takes \(allowed)."
        case .noBackend: "No backend is configured for this model (backends[].models)."
        case .tooManyRequests(let limit):
            "You have \(limit) requests running already (limits.requests_per_user); wait for one to end."
        case .backendSuspended(let backend, let seconds):
            "The backend \(backend) kept failing and is left alone; it is tried again in \(seconds) s "
                + "(backends[].circuit_breaker)."
        case .backendBusy(let backend, let seconds):
            "The backend \(backend) has as many requests as it takes and too many wait; try again in "
                + "\(seconds) s (backends[].max_concurrent, max_queued)."
        case .upstream(.unreachable, let backend): "The backend \(backend) cannot be reached."
        case .upstream(.connectTimedOut, let backend):
            "No connection to the backend \(backend) was made in time."
        case .upstream(.timedOut, let backend): "The backend \(backend) did not answer in time."
        case .upstream(.broken(let how), let backend): "The backend \(backend) broke off: \(how)."
        case .uncheckable(let what, let backend):
            "The answer of the backend \(backend) cannot be checked by the rules, so it is not shown: \(what)."
        }
    }

    /// In how many seconds another try may succeed, where that is known.
    public var retryAfter: Int? {
        switch self {
        case .backendSuspended(_, let seconds), .backendBusy(_, let seconds): seconds
        // One of their own requests has to end first, which nobody can foretell.
        case .tooManyRequests, .overloaded: 1
        default: nil
        }
    }

    /// The request's parameter at fault, where there is one.
    public var parameter: String? {
        if case .malformed(_, let parameter) = self { parameter } else { nil }
    }

    private static func printable(_ path: String) -> String {
        String(
            String.UnicodeScalarView(
                path.unicodeScalars.prefix(80).filter { $0.value > 0x20 && $0.value < 0x7F }
            )
        )
    }
}
