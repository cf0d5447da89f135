/// An upstream that serves the mirror itself and leaves every other backend to another.
public struct MirrorUpstream<Other: Upstream>: Upstream {
    private let other: Other

    /// Puts the mirror in front of the upstream that reaches real backends.
    public init(before other: Other) { self.other = other }

    /// Answers for the mirror; passes everything else on.
    public func exchange<Outcome: Sendable>(
        _ request: ForwardRequest,
        with backend: Backend,
        _ consume: @Sendable (ForwardResponse) async throws -> Outcome
    ) async throws -> Outcome {
        guard backend == Mirror.backend else {
            return try await other.exchange(request, with: backend, consume)
        }
        let answer: ForwardResponse
        do {
            answer = try Mirror.answer(request)
        } catch {
            throw UpstreamFailure.broken("the mirror could not read the request")
        }
        return try await consume(answer)
    }
}
