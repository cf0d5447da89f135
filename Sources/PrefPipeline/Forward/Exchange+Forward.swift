import NIOCore
import PrefModel

// The step that reaches a backend: in its turn, and where it cannot be reached, the one that is to
// stand in for it.

extension Exchange {
    /// Sends a body to a backend, or to its fallback while nothing was sent, and lets `consume` read
    /// the answer of the one that took it.
    mutating func forward(
        _ body: ByteBuffer,
        to first: Backend,
        as family: APIFamily,
        _ consume: @Sendable (ForwardResponse, Backend) async throws -> AnswerOutcome
    ) async throws -> AnswerOutcome {
        var backend = first
        while true {
            trace.backend = backend.name
            do {
                return try await attempt(body, at: backend, as: family, consume)
            } catch {
                guard error.nothingWasSent, let next = fallback(of: backend, for: family) else {
                    throw error
                }
                if let failure = error as? UpstreamFailure {
                    pipeline.counters.count(failureOf: backend.name)
                    record(
                        .backendFailed,
                        .error,
                        "A backend took no request: \(Refusal.upstream(failure, backend: "").code)."
                    )
                }
                pipeline.counters.count(fallbackFrom: backend.name, to: next.name)
                record(
                    .backendFallback,
                    .notice,
                    "Nothing was sent yet, so the fallback serves.",
                    more: ["PREFD_FALLBACK": next.name]
                )
                pipeline.log.reroute(id, of: trace.principal, to: next.name)
                backend = next
            }
        }
    }

    private mutating func attempt(
        _ body: ByteBuffer,
        at backend: Backend,
        as family: APIFamily,
        _ consume: @Sendable (ForwardResponse, Backend) async throws -> AnswerOutcome
    ) async throws -> AnswerOutcome {
        let turn = try await backend.line.turn(
            for: trace.principal ?? .user(uid: peer.uid),
            at: backend.name,
            queues: request.method != "GET"
        )
        defer { turn.end() }
        trace.turn = turn
        let outgoing = ForwardRequest(
            method: request.method,
            target: backend.basePath + request.target,
            headers: ForwardedHeaders.toBackend(request.headers, backend, family: family),
            body: body
        )
        let exchange = self
        do {
            return try await pipeline.upstream.exchange(outgoing, with: backend) { answer in
                if turn.answered() { exchange.note(.restored, of: backend) }
                return try await consume(answer, backend)
            }
        } catch let failure as UpstreamFailure {
            if turn.failed(failure) { note(.suspended, of: backend) }
            throw failure
        }
    }

    /// Has the journal and the metrics know what a request, or a rule's question, has shown of a backend.
    func note(_ change: ModelVerdict.Change, of backend: Backend) {
        let times = backend.line.limits.failuresToOpen
        let named = ["PREFD_BACKEND": backend.name]
        switch change {
        case .restored:
            record(.backendRestored, .notice, "A backend answers again.", more: named)
        case .suspended:
            pipeline.counters.count(suspensionOf: backend.name)
            record(
                .backendSuspended,
                .error,
                "A backend failed \(times) times in a row and is left alone.",
                more: named
            )
        case .tooSlow:
            record(
                .backendSuspended,
                .error,
                "A rule's model took too long \(times) times in a row; rules do not wait for it for a while.",
                more: named
            )
        }
    }

    private func fallback(of backend: Backend, for family: APIFamily) -> Backend? {
        guard let name = backend.fallback,
            let next = settings.backends.first(where: { $0.name == name }),
            next.families.contains(family)
        else { return nil }
        return next
    }
}

extension Error {
    /// Whether no backend can have seen the request, so that another may have it.
    fileprivate var nothingWasSent: Bool {
        if let failure = self as? UpstreamFailure { return failure.nothingWasSent }
        return switch self as? Refusal {
        case .backendSuspended, .backendBusy: true
        default: false
        }
    }
}
