import PrefTopics
import Synchronization

/// What the latest messages on one connection are about.
///
/// An app sends a conversation anew at every turn, and its last message again with every result of a
/// tool, so most messages have been read before. No text is kept: a message is known by a hash under the
/// process's own random key, and all goes with the connection.
public final class TopicMemory: Sendable {
    private struct State {
        /// Which topics the readings are of: a reload brings others.
        var topics = TopicSet.none
        /// The latest last.
        var readings: [(hash: Int, reading: TopicReading)] = []
    }

    /// A turn needs three: its latest message and two before.
    private static let limit = 6

    private let state = Mutex(State())

    /// Remembers nothing yet.
    public init() {}

    /// What a message of that hash is about, from memory where it was read before.
    func reading(hash: Int, by topics: TopicSet, _ read: () -> TopicReading) -> TopicReading {
        let known = state.withLock { state -> TopicReading? in
            if !state.topics.isSame(as: topics) { state = State(topics: topics) }
            return state.readings.first { $0.hash == hash }?.reading
        }
        if let known { return known }
        let made = read()
        state.withLock { state in
            guard state.topics.isSame(as: topics) else { return }
            if state.readings.count >= Self.limit { state.readings.removeFirst() }
            state.readings.append((hash, made))
        }
        return made
    }
}
