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
        try await keep(signal, call)
        return try .json(
            SignalReceipt(
                id: signal.id,
                kind: signal.kind,
                scope: signal.kind.scope,
                excerptsKept: keepsExcerpts
            )
        )
    }

    /// Keeps a signal, and says so in the journal.
    ///
    /// - Throws: ``APIRefusal``: `consent_required` where its scope is not granted.
    func keep(_ signal: Signal, _ call: Call) async throws(APIRefusal) {
        try await fromStore {
            try await SignalKeeper(store: store, events: journal.events).keep(
                signal,
                of: call.principal,
                from: call.request.app,
                "A signal was recorded."
            )
        }
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
        let context = Self.context(report.context, explanation?.context, app: call.request.app)
        var features = Self.features(of: report, language: context.language)
        if report.kind.judgesOneAnswer, features["answer"] == nil, let id = report.requestID {
            features["answer"] = history.answerFeatures(id: id, of: call.principal)
        }
        return Signal(
            id: RandomID.new(),
            requestID: report.requestID,
            kind: report.kind,
            at: Date(),
            rating: report.rating,
            context: context,
            directives: explanation?.injected ?? [],
            features: features,
            excerpts: excerpts,
            experiments: explanation?.experiments ?? []
        )
    }

    /// The texts of a report as what the learner knows texts by; of what the user wrote back, what it
    /// asks for.
    private static func features(
        of report: ReadSignal,
        language: String?
    ) -> [String: TextFeatures] {
        var features = report.texts.mapValues { AnswerFeatures.measure($0, language: language) }
        if let text = report.texts["text"] {
            features["text"] = nil
            if case .asked(let asked) = FollowupReader.standard.read(text, language: language) {
                features[Observation.askedRole] = FollowupReader.features(asked)
            }
        }
        return features
    }

    /// The request's circumstances, where they are known, under what the report itself says.
    ///
    /// A report that names neither a request nor an app is about the app that sends it: what it teaches
    /// counts there.
    private static func context(
        _ said: PreferenceContext?,
        _ request: RequestContext?,
        app: String
    ) -> RequestContext {
        var context = request ?? RequestContext(app: app)
        guard let said else { return context }
        if let task = said.task { context.task = task }
        if let app = said.app { context.app = app }
        if let language = said.language { context.language = language }
        if let situation = said.situation { context.situation = situation }
        if let topic = said.topic { context.topic = topic }
        return context
    }
}
