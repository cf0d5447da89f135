internal import FoundationEssentials
internal import PrefControl
public import PrefModel

/// The calls of the data socket: what a user can see and change of their own.
///
/// Every call is about the principal that the connection was identified as; there is no call here
/// that takes another.
public struct DataAPI: Sendable {
    let store: any AccountStore
    let history: any RequestHistory
    let service: any ServiceControl
    let journal: Journal
    let screen: FreeTextScreen
    let topics: TopicsSource?
    let tastes: Tastes
    let limits: APILimits
    let vocabulary: Vocabulary
    private let inFlight: CallsInFlight

    /// Wires the calls to what they need.
    ///
    /// Without `topics` a preference may be for any. Where `store` is a ``LearningStore``, it is one over
    /// the same `tastes`.
    public init(
        store: any AccountStore,
        tastes: Tastes,
        history: any RequestHistory,
        service: any ServiceControl,
        events: any EventSink,
        limits: APILimits = APILimits(),
        screen: @escaping FreeTextScreen,
        topics: TopicsSource? = nil
    ) {
        self.store = store
        self.tastes = tastes
        self.history = history
        self.service = service
        journal = Journal(events: events, pseudonym: { store.pseudonym(of: $0) })
        self.screen = screen
        self.topics = topics
        self.limits = limits
        vocabulary = .standard
        inFlight = CallsInFlight(limit: limits.callsPerPrincipal)
    }

    /// Whether a path is for this API and not for a backend.
    public static func serves(path: String) -> Bool {
        path == "/prefd" || path.hasPrefix("/prefd/") || path == "/healthz" || path == "/readyz"
    }

    /// Carries out one call.
    ///
    /// Never throws: what goes wrong is an answer too.
    public func respond(to request: APIRequest) async -> APIResponse {
        do throws(APIRefusal) {
            try inFlight.enter(request.principal)
            defer { inFlight.leave(request.principal) }
            guard request.body.count <= limits.bodyBytes else {
                throw .tooLarge(limit: limits.bodyBytes)
            }
            return try await route(request)
        } catch {
            journal.refused(error, request)
            return .refusal(error)
        }
    }

    private func route(_ request: APIRequest) async throws(APIRefusal) -> APIResponse {
        guard let target = Target(request.target),
            let endpoint = DataEndpoint(segments: target.segments)
        else { throw .unknownEndpoint }
        guard endpoint.methods.contains(request.method) else {
            throw .methodNotAllowed(endpoint.methods)
        }
        let call = Call(request: request, query: target.query)
        switch endpoint {
        case .preferences, .preference, .evidence: return try await preferenceCall(endpoint, call)
        case .consents, .consent: return try await consentCall(endpoint, call)
        case .signals: return try await recordSignal(call)
        // Probes add queries of their own.
        case .liveness, .readiness: return try await ownCall(endpoint, call)
        case .elicit:
            try call.refuseQuery()
            return request.method == "GET"
                ? try await nextQuestion(call) : try await answerQuestion(call)
        default:
            try call.refuseQuery()
            return try await ownCall(endpoint, call)
        }
    }

    private func ownCall(
        _ endpoint: DataEndpoint,
        _ call: Call
    ) async throws(APIRefusal) -> APIResponse {
        switch endpoint {
        case .liveness: return try .json(Liveness())
        case .readiness:
            let readiness = await service.readiness()
            return try .json(readiness, status: readiness.ready ? 200 : 503)
        case .dimensions: return try .json(DimensionList(dimensions: vocabulary.dimensions))
        case .me where call.request.method == "DELETE": return try await forget(call)
        case .me: return try identity(call)
        case .export: return try await export(call)
        case .effects: return try await effects(call)
        case .explanation(let id): return try explanation(id: id, call)
        default: throw .unknownEndpoint
        }
    }

    private func preferenceCall(
        _ endpoint: DataEndpoint,
        _ call: Call
    ) async throws(APIRefusal) -> APIResponse {
        switch (endpoint, call.request.method) {
        case (.preferences, "GET"): try await listPreferences(call)
        case (.preferences, "PUT"): try await setPreferences(call)
        case (.preferences, _): try await removePreferences(of: nil, call)
        case (.preference(let id), "GET"): try await showPreference(id, call)
        case (.preference(let id), "PUT"): try await setPreference(id, call)
        case (.preference(let id), _): try await removePreferences(of: id, call)
        case (.evidence(let id), _): try await explainPreference(id, call)
        default: throw .unknownEndpoint
        }
    }

    private func consentCall(
        _ endpoint: DataEndpoint,
        _ call: Call
    ) async throws(APIRefusal) -> APIResponse {
        try call.refuseQuery()
        return switch (endpoint, call.request.method) {
        case (.consents, "GET"): try await listConsents(call)
        case (.consents, "PUT"): try await decideConsents(call)
        case (.consents, _): try await withdrawConsents(call)
        case (.consent(let name), "GET"): try await showConsent(name, call)
        case (.consent(let name), "PUT"): try await decideConsent(name, call)
        case (.consent(let name), _): try await withdrawConsent(name, call)
        default: throw .unknownEndpoint
        }
    }
}
