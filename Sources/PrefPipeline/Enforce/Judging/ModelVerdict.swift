import FoundationEssentials
import NIOCore
import NIOHTTP1
import PrefModel
import PrefRules

/// Why a model gave no verdict.
enum NoVerdict: String, Error {
    /// It took longer than its rule allows.
    case timeout
    /// Nobody answers at its backend, or what does broke off.
    case unreachable
    /// Its backend failed too often lately, and is not asked for a while.
    case suspended
    /// Its backend answered with an error.
    case refused
    /// Its answer does not say what the rule asks for.
    case unreadable
}

/// Asks the model of one rule about one text.
///
/// Source: OpenAI API reference, "Create moderation" and "Create chat completion".
struct ModelVerdict: Sendable {
    /// The longest answer that is read, in bytes.
    private static let longestAnswer = 1 << 20
    /// How many tokens a guard model may write: some think before they judge.
    private static let answerTokens = 512

    /// What asking a model has shown of its backend.
    enum Change {
        /// It failed again and again, and is left alone by everyone.
        case suspended
        /// It answers again.
        case restored
        /// It took too long again and again, and rules do not wait for it for a while.
        case tooSlow
    }

    let upstream: any Upstream
    let backends: [Backend]
    let onChange: @Sendable (Change, Backend) -> Void

    /// Whether the model finds the text unsafe, within the rule's time.
    ///
    /// - Throws: ``NoVerdict``, or `CancellationError`.
    func isUnsafe(_ text: String, to classifier: RuleClassifier) async throws -> Bool {
        guard let backend = backends.first(where: { $0.name == classifier.detector.backend }) else {
            throw NoVerdict.unreachable
        }
        guard let turn = backend.line.verdictTurn() else { throw NoVerdict.suspended }
        defer { turn.end() }
        do {
            let verdict = try await ask(backend, turn, text, classifier)
            turn.cameInTime()
            return verdict
        } catch NoVerdict.timeout {
            if turn.cameTooLate() { onChange(.tooSlow, backend) }
            throw NoVerdict.timeout
        }
    }

    /// Asks, within the rule's time.
    private func ask(
        _ backend: Backend,
        _ turn: VerdictTurn,
        _ text: String,
        _ classifier: RuleClassifier
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await exchange(backend, turn, text, classifier) }
            group.addTask {
                try await Task.sleep(for: classifier.detector.timeout)
                throw NoVerdict.timeout
            }
            defer { group.cancelAll() }
            guard let verdict = try await group.next() else { throw NoVerdict.unreachable }
            return verdict
        }
    }

    private func exchange(
        _ backend: Backend,
        _ turn: VerdictTurn,
        _ text: String,
        _ classifier: RuleClassifier
    ) async throws -> Bool {
        let detector = classifier.detector
        let (path, body) = try Self.question(text, detector)
        let request = ForwardRequest(
            method: "POST",
            target: backend.basePath + path,
            headers: ForwardedHeaders.toBackend(
                ["content-type": "application/json", "accept": "application/json"],
                backend,
                family: .openai
            ),
            body: ByteBuffer(bytes: body)
        )
        let answer: Data
        do {
            answer = try await upstream.exchange(request, with: backend) { response in
                if turn.answered() { onChange(.restored, backend) }
                guard (200..<300).contains(response.status) else { throw NoVerdict.refused }
                var answer = Data()
                while let chunk = try await response.nextChunk() {
                    answer.append(contentsOf: chunk.readableBytesView)
                    guard answer.count <= Self.longestAnswer else { throw NoVerdict.unreadable }
                }
                return answer
            }
        } catch let failure as UpstreamFailure {
            if turn.failed(failure) { onChange(.suspended, backend) }
            throw failure == .timedOut ? NoVerdict.timeout : .unreachable
        }
        guard let verdict = Self.verdict(in: answer, classifier) else { throw NoVerdict.unreadable }
        return verdict
    }

    // MARK: What is said

    private struct ModerationQuestion: Encodable {
        let model: String
        let input: String
    }

    private struct ChatQuestion: Encodable {
        struct Message: Encodable {
            let role: String
            let content: String
        }

        let model: String
        let messages: [Message]
        let temperature = 0
        let max_tokens = ModelVerdict.answerTokens
        let stream = false
    }

    private static func question(
        _ text: String,
        _ detector: ClassifierDetector
    ) throws -> (path: String, body: Data) {
        let encoder = JSONEncoder()
        switch detector.endpoint {
        case .moderation:
            let question = ModerationQuestion(model: detector.model, input: text)
            return ("/v1/moderations", try encoder.encode(question))
        case .chat:
            var messages = [ChatQuestion.Message(role: "user", content: text)]
            if let instructions = detector.instructions {
                messages.insert(.init(role: "system", content: instructions), at: 0)
            }
            let question = ChatQuestion(model: detector.model, messages: messages)
            return ("/v1/chat/completions", try encoder.encode(question))
        }
    }

    private struct ModerationAnswer: Decodable {
        struct Result: Decodable {
            let flagged: Bool?
            let categories: [String: Bool?]?
            let category_scores: [String: Double?]?
        }

        let results: [Result]
    }

    private struct ChatAnswer: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable { let content: String? }
            let message: Message
        }

        let choices: [Choice]
    }

    /// Nil where the answer is none.
    private static func verdict(in answer: Data, _ classifier: RuleClassifier) -> Bool? {
        let decoder = JSONDecoder()
        switch classifier.detector.endpoint {
        case .moderation:
            // One input has one result.
            guard let read = try? decoder.decode(ModerationAnswer.self, from: answer),
                read.results.count == 1, let result = read.results.first
            else { return nil }
            return classifier.isUnsafe(
                flagged: result.flagged,
                categories: (result.categories ?? [:]).compactMapValues(\.self),
                scores: (result.category_scores ?? [:]).compactMapValues(\.self)
            )
        case .chat:
            let read = try? decoder.decode(ChatAnswer.self, from: answer)
            return read?.choices.first?.message.content.flatMap(classifier.isUnsafe(answer:))
        }
    }
}
