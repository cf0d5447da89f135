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
    }

    /// What a rule hit is counted under.
    public struct RuleCount: Hashable, Sendable {
        /// The rule's id.
        public let rule: String
        /// What was done.
        public let action: String
    }

    private let state = Mutex(Snapshot())

    /// Starts at zero.
    public init() {}

    /// The counts now.
    public var snapshot: Snapshot { state.withLock { $0 } }

    func count(answer status: Int) { state.withLock { $0.answers[status, default: 0] += 1 } }
    func count(refused code: String) { state.withLock { $0.refused[code, default: 0] += 1 } }
    func countPersonalized() { state.withLock { $0.personalized += 1 } }
    func count(failureOf backend: String) {
        state.withLock { $0.backendFailures[backend, default: 0] += 1 }
    }
    func count(unchecked rule: UncheckedRule) {
        state.withLock { $0.unchecked[rule, default: 0] += 1 }
    }
    func count(rule: String, action: String) {
        state.withLock { $0.ruleHits[RuleCount(rule: rule, action: action), default: 0] += 1 }
    }
}
