import PrefModel
import PrefRules
import Synchronization

/// Gets the verdicts of models on the windows of one answer.
///
/// The same window of the same answer always has the same verdict, also where there was none: what
/// an answer's end repeats agrees with what was streamed.
final class AnswerJudge: Sendable {
    /// How many windows are asked about at once.
    private static let atOnce = 4
    /// After how many failures a rule's model is not asked again in the same answer: each may take
    /// the rule's whole time.
    private static let failuresBeforeGivingUp = 3

    private struct State {
        var settled: [VerdictCache.Key: Result<Bool, NoVerdict>] = [:]
        var failures: [String: NoVerdict] = [:]
        var failureCounts: [String: Int] = [:]
        var unchecked: [UncheckedRule] = []
    }

    private let model: ModelVerdict
    private let cache: VerdictCache
    private let state = Mutex(State())

    init(model: ModelVerdict, cache: VerdictCache) {
        self.model = model
        self.cache = cache
    }

    /// The rules whose models gave no verdict on some window, and what was done instead.
    var unchecked: [UncheckedRule] { state.withLock { $0.unchecked } }

    /// Whether each question's window is to be treated as unsafe.
    ///
    /// - Throws: `CancellationError`, where the client has gone.
    func verdicts(on questions: [ClassifierQuestion]) async throws -> [Bool] {
        let keys = questions.map(cache.key)
        var next = 0
        var begun: Set<VerdictCache.Key> = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            while next < questions.count {
                let (question, key) = (questions[next], keys[next])
                next += 1
                guard begun.insert(key).inserted, !isSettled(key, question) else { continue }
                if running == Self.atOnce {
                    try await group.next()
                    running -= 1
                }
                group.addTask { try await self.settle(question, key) }
                running += 1
            }
            try await group.waitForAll()
        }
        return zip(questions, keys).map { treatsAsUnsafe($0, $1) }
    }

    private func isSettled(_ key: VerdictCache.Key, _ question: ClassifierQuestion) -> Bool {
        let known = cache.isUnsafe(key)
        return state.withLock { state in
            if state.settled[key] != nil { return true }
            guard let known else { return false }
            state.settled[key] = .success(known)
            return true
        }
    }

    private func settle(_ question: ClassifierQuestion, _ key: VerdictCache.Key) async throws {
        let rule = question.classifier.ruleID
        let given = state.withLock { state in
            state.failureCounts[rule, default: 0] < Self.failuresBeforeGivingUp
                ? nil : state.failures[rule]
        }
        var result: Result<Bool, NoVerdict>
        if let given {
            result = .failure(given)
        } else {
            do {
                let isUnsafe = try await model.isUnsafe(question.text, to: question.classifier)
                cache.remember(key, isUnsafe: isUnsafe)
                result = .success(isUnsafe)
            } catch {
                // Without an answer because nobody waits for it any more is no failure of the model.
                try Task.checkCancellation()
                result = .failure(error as? NoVerdict ?? .unreachable)
            }
        }
        state.withLock { state in
            state.settled[key] = result
            guard case .failure(let failure) = result else { return }
            state.failures[rule] = failure
            state.failureCounts[rule, default: 0] += 1
            let entry = UncheckedRule(
                rule: rule,
                reason: failure.rawValue,
                treatedAs: question.classifier.detector.onFailure == .open ? .safe : .unsafe
            )
            if !state.unchecked.contains(entry) { state.unchecked.append(entry) }
        }
    }

    private func treatsAsUnsafe(_ question: ClassifierQuestion, _ key: VerdictCache.Key) -> Bool {
        let settled = state.withLock { $0.settled[key] }
        if case .success(let isUnsafe) = settled { return isUnsafe }
        return question.classifier.detector.onFailure == .closed
    }
}
