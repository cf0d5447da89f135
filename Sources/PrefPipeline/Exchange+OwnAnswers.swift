import NIOCore
import NIOHTTP1
import PrefModel

// The answers that prefd gives itself.

extension Exchange {
    var answerHeaders: HTTPHeaders {
        ExchangeHeaders.of(requestID: id, tier: trace.tier, applied: trace.applied)
    }

    func preview(_ composition: Composition, _ body: ByteBuffer, _ backend: Backend)
        async throws
    {
        let preview = try Preview.json(
            requestID: id,
            tier: trace.tier,
            topics: trace.topics,
            composition: composition,
            backend: backend.name,
            body: body
        )
        try await writer.whole(status: 200, headers: answerHeaders.json, body: preview)
        pipeline.log.complete(id, of: trace.principal, AnswerOutcome(status: 200))
        record(.previewServed, .info, "Showed what would have been sent; no backend was called.")
    }

    func refuse(_ refusal: Refusal) async throws {
        if case .upstream = refusal { pipeline.counters.count(failureOf: trace.backend ?? "?") }
        pipeline.counters.count(refused: refusal.code)
        pipeline.log.complete(id, of: trace.principal, AnswerOutcome(status: refusal.status))
        let kind: EventKind
        let priority: Event.Priority
        switch refusal {
        case .upstream, .uncheckable, .backendSuspended: (kind, priority) = (.backendFailed, .error)
        case .userNotAllowed: (kind, priority) = (.identityRefused, .warning)
        default: (kind, priority) = (.requestRefused, .info)
        }
        record(kind, priority, "Refused a request: \(refusal.code).", action: refusal.code)
        guard !writer.headSent else { return await writer.abort() }
        var headers = answerHeaders.json
        if let seconds = refusal.retryAfter {
            headers.add(name: "retry-after", value: String(seconds))
        }
        try await writer.whole(
            status: refusal.status,
            headers: headers,
            body: ErrorEnvelope.body(of: refusal, in: request.family)
        )
    }
}
