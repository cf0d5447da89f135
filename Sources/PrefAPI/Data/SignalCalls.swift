internal import FoundationEssentials
internal import PrefControl
internal import PrefLearning
internal import PrefModel
internal import PrefStore

extension DataAPI {
    /// `POST /prefd/v1/signals`.
    ///
    /// Checked in this order: the body's form, the consent, the request id. Texts become features
    /// here and now; excerpts of them are kept only where `content` is granted.
    func recordSignal(_ call: Call) async throws(APIRefusal) -> APIResponse {
        try call.refuseQuery()
        let report = try SignalReading(limits: limits, contexts: contextReader)
            .read(call.request.body)
        let granted = try await fromStore {
            try await store.profile(of: call.principal).granted
        }
        guard granted.contains(report.kind.scope) else {
            throw .consentRequired(report.kind.scope)
        }
        let keepsExcerpts = granted.contains(.content) && !report.texts.isEmpty
        let signal = try signal(report, keepsExcerpts: keepsExcerpts, call)
        try await fromStore {
            try await store.record(signal, of: call.principal)
        }
        journal.done(
            .signalRecorded,
            "A signal was recorded.",
            call.request,
            requestID: signal.requestID,
            more: [
                "PREFD_SIGNAL": signal.kind.rawValue, "PREFD_SCOPE": signal.kind.scope.journalName,
            ]
        )
        return try .json(
            SignalReceipt(
                id: signal.id,
                kind: signal.kind,
                scope: signal.kind.scope,
                excerptsKept: keepsExcerpts
            )
        )
    }

    private func signal(
        _ report: ReadSignal,
        keepsExcerpts: Bool,
        _ call: Call
    ) throws(APIRefusal) -> Signal {
        var explanation: Explanation?
        if let id = report.requestID {
            guard let found = history.explanation(id: id, of: call.principal) else {
                throw .unknownRequest
            }
            explanation = found
        }
        var excerpts: [String: String] = [:]
        if keepsExcerpts {
            excerpts = report.texts.mapValues { String($0.prefix(limits.excerptCharacters)) }
        }
        return Signal(
            id: RandomID.new(),
            requestID: report.requestID,
            kind: report.kind,
            at: Date(),
            rating: report.rating,
            context: Self.context(report.context, explanation?.context, app: call.request.app),
            directives: explanation?.injected ?? [],
            features: report.texts.mapValues(SurfaceFeatures.measure),
            excerpts: excerpts
        )
    }

    /// The request's circumstances, where they are known, under what the report itself says.
    private static func context(
        _ said: PreferenceContext?,
        _ request: RequestContext?,
        app: String
    ) -> RequestContext? {
        guard let said else { return request }
        var context = request ?? RequestContext(app: app)
        if let task = said.task { context.task = task }
        if let app = said.app { context.app = app }
        if let language = said.language { context.language = language }
        if let situation = said.situation { context.situation = situation }
        if let topic = said.topic { context.topic = topic }
        return context
    }
}
