import ChatWire
import NIOCore
import PrefLearning
import PrefModel

/// Puts the choices of a whole chat completion into their user's order, where the request asked for it.
struct AnswerRank: Sendable {
    let ranking: any AnswerRanking
    let log: RequestLog
    let request: String
    let principal: Principal
    let context: RequestContext

    /// The answer with its choices in order, and what was counted of the one that is first now; nil where
    /// there is nothing to order by.
    func applied(to body: ByteBuffer) async -> (body: ByteBuffer, first: AnswerCounts)? {
        guard let choices = ChoiceList(body.readableBytesUInt8Span), choices.texts.count > 1 else {
            return nil
        }
        let counts = choices.texts.map { AnswerFeatures.count($0, language: context.language) }
        guard
            let ranked = await ranking.order(counts.map(\.features), of: principal, in: context),
            let best = ranked.first
        else { return nil }
        log.ranked(ranked, as: request, of: principal)
        let bytes = choices.reordered(ranked.map(\.index), in: body.readableBytesUInt8Span)
        return (ByteBuffer(bytes: bytes), counts[best.index])
    }
}

extension Exchange {
    private enum Switch: String, CaseIterable { case on, off }

    /// How the answer's choices are put in order: where `X-Prefd-Rank` is `on`, several whole ones are
    /// asked for, and something may be known of the user.
    ///
    /// - Throws: ``Refusal/badHeader(name:allowed:)``.
    func rank(
        _ outline: ChatRequestOutline,
        in dialect: ChatWire.Dialect,
        _ profile: Profile,
        _ principal: Principal,
        _ circumstances: Circumstances
    ) throws(Refusal) -> AnswerRank? {
        let wanted = try request.choice("X-Prefd-Rank", Switch.self) ?? .off
        guard wanted == .on, dialect == .openAIChat, outline.choices > 1, !outline.stream,
            circumstances.mode == .on, profile.mayKeepSignals, let ranking = pipeline.ranking
        else { return nil }
        return AnswerRank(
            ranking: ranking,
            log: pipeline.log,
            request: id,
            principal: principal,
            context: circumstances.context
        )
    }
}
