public import PrefModel
import Synchronization

/// What the data plane counts, for the metrics.
///
/// No label ever tells users apart.
public final class PipelineCounters: Sendable {
    /// The counts at one moment.
    public struct Snapshot: Sendable {
        /// Answers by HTTP status.
        public var answers: [Int: Int] = [:]
        /// Requests that prefd refused itself, by error code.
        public var refused: [String: Int] = [:]
        /// Rule hits by rule and action.
        public var ruleHits: [RuleCount: Int] = [:]
        /// Answers on which a rule's model gave no verdict.
        public var unchecked: [UncheckedRule: Int] = [:]
        /// Requests whose prompt got a block.
        public var personalized = 0
        /// Exchanges that failed at a backend, by backend.
        public var backendFailures: [String: Int] = [:]
        /// How often a backend was suspended, by backend.
        public var suspensions: [String: Int] = [:]
        /// Requests that a fallback served.
        public var fallbacks: [FallbackCount: Int] = [:]
        /// From the whole request to the answer's end, of requests to a model.
        public var durations: [CallKind: Histogram] = [:]
        /// From the whole request to the answer's first byte.
        public var firstBytes: [CallKind: Histogram] = [:]
        /// What prefd itself took of that, without waiting for a backend's queue.
        public var added = Histogram.ownSeconds
        /// From a request's sending to the head of the answer, by backend.
        public var responses: [String: Histogram] = [:]
        /// Waiting for a turn, by backend.
        public var queued: [String: Histogram] = [:]
        /// The most bytes of a stream that waited at once for a verdict.
        public var held = Histogram.bytes
    }

    /// What a rule hit is counted under.
    public struct RuleCount: Hashable, Sendable {
        /// The rule's id.
        public let rule: String
        /// What was done.
        public let action: String
    }

    /// What a fallback is counted under.
    public struct FallbackCount: Hashable, Sendable {
        /// The backend that was chosen.
        public let backend: String
        /// The one that stood in for it.
        public let fallback: String
    }

    /// What a request to a model is counted under.
    public struct CallKind: Hashable, Sendable {
        /// What it was asked for.
        public let operation: Operation
        /// In which dialect.
        public let family: APIFamily
    }

    private let state = Mutex(Snapshot())

    /// Starts at zero.
    public init() {}

    /// The counts now.
    public var snapshot: Snapshot { state.withLock { $0 } }

    func count(_ measures: ExchangeMeasures, in family: APIFamily) {
        state.withLock { $0.count(measures, in: family) }
    }
    func count(refused code: String) { state.withLock { $0.refused[code, default: 0] += 1 } }
    func countPersonalized() { state.withLock { $0.personalized += 1 } }
    func count(failureOf backend: String) {
        state.withLock { $0.backendFailures[backend, default: 0] += 1 }
    }
    func count(unchecked rule: UncheckedRule) {
        state.withLock { $0.unchecked[rule, default: 0] += 1 }
    }
    func count(suspensionOf backend: String) {
        state.withLock { $0.suspensions[backend, default: 0] += 1 }
    }
    func count(fallbackFrom backend: String, to fallback: String) {
        state.withLock {
            $0.fallbacks[FallbackCount(backend: backend, fallback: fallback), default: 0] += 1
        }
    }
    func count(rule: String, action: String) {
        state.withLock { $0.ruleHits[RuleCount(rule: rule, action: action), default: 0] += 1 }
    }
}

extension PipelineCounters.Snapshot {
    fileprivate mutating func count(_ one: ExchangeMeasures, in family: APIFamily) {
        answers[one.status, default: 0] += 1
        responses[one.backend, default: .modelSeconds].observe(one.response)
        if let wait = one.queued { queued[one.backend, default: .modelSeconds].observe(wait) }
        if let bytes = one.heldBytes { held.observe(Double(bytes)) }
        if let answer = one.answer { added.observe(one.untilSent + answer.kept) }
        guard let operation = one.operation else { return }
        let kind = PipelineCounters.CallKind(operation: operation, family: family)
        durations[kind, default: .modelSeconds].observe(one.total)
        guard let first = one.answer?.firstByteAt else { return }
        firstBytes[kind, default: .modelSeconds].observe(first - one.began)
    }
}
