import PrefRules
import Synchronization

/// What models have said of texts, for texts that come again.
///
/// In memory, and no text is in it: a text is known by hashes under keys that the process makes up.
/// The oldest verdicts go first. A reload of settings begins an empty one.
final class VerdictCache: Sendable {
    /// A question, in a way that tells nothing of its text.
    struct Key: Hashable {
        private let first: Int
        private let second: Int

        fileprivate init(_ question: ClassifierQuestion, keys: (UInt64, UInt64)) {
            func hash(_ key: UInt64) -> Int {
                var hasher = Hasher()
                hasher.combine(key)
                hasher.combine(question.classifier.ruleID)
                hasher.combine(question.classifier.detector)
                hasher.combine(question.text)
                return hasher.finalize()
            }
            first = hash(keys.0)
            second = hash(keys.1)
        }
    }

    private struct State {
        var verdicts: [Key: Bool] = [:]
        var order: [Key] = []
        var oldest = 0
    }

    private let limit: Int
    private let keys = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    private let state = Mutex(State())

    /// - Parameter limit: how many verdicts are kept.
    init(limit: Int = 8192) { self.limit = limit }

    func key(of question: ClassifierQuestion) -> Key { Key(question, keys: keys) }

    /// Whether the text is known to be unsafe; nil where nothing is known.
    func isUnsafe(_ key: Key) -> Bool? { state.withLock { $0.verdicts[key] } }

    func remember(_ key: Key, isUnsafe: Bool) {
        state.withLock { state in
            guard state.verdicts.updateValue(isUnsafe, forKey: key) == nil else { return }
            if state.order.count < limit { return state.order.append(key) }
            state.verdicts[state.order[state.oldest]] = nil
            state.order[state.oldest] = key
            state.oldest = (state.oldest + 1) % limit
        }
    }
}
