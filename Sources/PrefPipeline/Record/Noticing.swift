import ChatWire
import FoundationEssentials
import NIOCore
import PrefLearning
import PrefModel

// What a conversation that passes says of its earlier answers, where the user lets that be noticed.

extension Exchange {
    /// A conversation that is asked again within this time asks for another answer.
    private static let regenerationSeconds = 600.0
    /// How often; what asks more often is a program.
    private static let mostRepeats = 3

    /// Notices that an answer is asked for again, or is to be otherwise: "shorter, please".
    ///
    /// A turn is known by the user's message and its number. The same turn of as many messages is a
    /// regeneration; of more messages, an app at work with its tools.
    func notice(
        _ outline: ChatRequestOutline,
        of principal: Principal,
        in circumstances: Circumstances
    ) {
        let body = request.body.readableBytesUInt8Span
        let message = Self.text(outline.lastUserTexts, in: body, atMost: Self.latestBytes)
        guard !message.isEmpty, outline.userTurns > 0 else { return }
        let log = pipeline.log
        let carried = carriedOn(outline)
        let turn = ConversationTurn(number: outline.userTurns, message: message, after: carried)
        // Where it is not said what they come after, the same words may be another turn; what is said in
        // a conversation always is.
        let isPlaced = !outline.continuesElsewhere || carried != nil
        let earlier = isPlaced ? log.request(at: turn, of: principal) : nil
        let isSame = earlier?.messages == outline.messageCount
        let repeats = isSame ? (earlier?.repeats ?? 0) + 1 : 0
        if isPlaced {
            log.remember(
                RememberedTurn(
                    turn: turn,
                    id: id,
                    messages: outline.messageCount,
                    at: Date(),
                    repeats: repeats
                ),
                of: principal
            )
        }
        var noticed: NoticedSignal?
        if let earlier {
            if isSame, repeats <= Self.mostRepeats,
                Date().timeIntervalSince(earlier.at) < Self.regenerationSeconds
            {
                noticed = regeneration(of: earlier.id, principal, circumstances.context)
            }
        } else if outline.userTurns > 1 || outline.continuesElsewhere,
            let reading = FollowupReader.standard.read(
                message,
                language: circumstances.context.language
            )
        {
            let answered = requestBefore(outline, carryingOn: carried, of: principal)
            switch reading {
            case .again:
                noticed = answered.flatMap {
                    regeneration(of: $0, principal, circumstances.context)
                }
            case .asked(let axes):
                noticed = NoticedSignal(
                    kind: .followup,
                    about: answered.flatMap { log.explanation(id: $0, of: principal) },
                    context: circumstances.context,
                    features: [Observation.askedRole: FollowupReader.features(axes)]
                )
            }
        }
        guard let noticed, let signals = pipeline.signals else { return }
        // Not the answer's business: it does not wait for the disk.
        Task.detached { await signals.notice(noticed, of: principal) }
    }

    /// The request whose answer stands right before the user's last message, where it is remembered.
    private func requestBefore(
        _ outline: ChatRequestOutline,
        carryingOn carried: ConversationKey?,
        of principal: Principal
    ) -> String? {
        if let earlier = outline.earlierUserTexts.first {
            let body = request.body.readableBytesUInt8Span
            let turn = ConversationTurn(
                number: outline.userTurns - 1,
                message: Self.text(earlier, in: body, atMost: Self.latestBytes),
                after: carried
            )
            return pipeline.log.request(at: turn, of: principal)?.id
        }
        if let carried { return pipeline.log.request(answeredWith: carried, of: principal) }
        return outline.conversation.flatMap {
            pipeline.log.latestRequest(in: .conversation($0), of: principal)
        }
    }

    /// Remembers which conversation the request is added to, whether or not its answer will be measured:
    /// what is said next in it is about that answer.
    func rememberConversation(_ outline: ChatRequestOutline, of principal: Principal) {
        guard let conversation = outline.conversation else { return }
        pipeline.log.remember(conversation: .conversation(conversation), as: id, of: principal)
    }

    /// The answer that the request carries on, where it names one.
    private func carriedOn(_ outline: ChatRequestOutline) -> ConversationKey? {
        outline.previousResponse.map(ConversationKey.response)
            ?? outline.context.map {
                ConversationKey(context: $0, in: request.body.readableBytesUInt8Span)
            }
    }

    /// A regeneration says nothing where it is not known what the answer looked like.
    private func regeneration(
        of id: String,
        _ principal: Principal,
        _ context: RequestContext
    ) -> NoticedSignal? {
        guard let answer = pipeline.log.answerFeatures(id: id, of: principal) else { return nil }
        return NoticedSignal(
            kind: .regenerate,
            about: pipeline.log.explanation(id: id, of: principal),
            context: context,
            features: ["answer": answer]
        )
    }
}

/// A turn of a conversation, by a hash with this process's own seed: the message itself is not kept.
struct ConversationTurn: Hashable {
    private let hash: Int

    /// The turn of that number in the request, which is carried on from `previous` where that is given.
    init(number: Int, message: String, after previous: ConversationKey?) {
        var hasher = Hasher()
        hasher.combine(number)
        hasher.combine(message)
        hasher.combine(previous)
        hash = hasher.finalize()
    }
}
