import PrefConfig
import PrefTopics

/// Loads the topics that a configuration names: all of them, or none.
enum TopicsInForce {
    /// - Throws: ``StartFailure/topics(_:)``.
    static func load(_ source: Configuration.Tiers) throws(StartFailure) -> TopicSet {
        do {
            switch source {
            case .builtIn: return try TopicSet.builtIn()
            case .directory(let path): return try TopicSet.load(directory: path)
            }
        } catch {
            throw .topics(error)
        }
    }
}
