import PrefConfig
import PrefPipeline
import PrefRules
import PrefTopics
import Synchronization

/// Everything that a reload replaces, as one value: never half old and half new.
struct Settings: Sendable {
    let configuration: Configuration
    let rules: RuleSet
    let topics: TopicSet
    let directory: BackendDirectory

    /// The same as the pipeline takes it.
    var pipeline: PipelineSettings {
        PipelineSettings(
            composer: ComposerSettings(
                blockTokens: configuration.personalization.blockTokens,
                charter: configuration.personalization.charter == .always ? .always : .personalized,
                placement: configuration.personalization.placement == .end ? .end : .start,
                reminderAfterTurns: configuration.personalization.reminderAfterTurns
            ),
            backends: directory.backends,
            rules: rules,
            topics: topics,
            requestsPerUser: configuration.limits.requestsPerUser
        )
    }
}

/// The settings in force.
final class LiveSettings: Sendable {
    private struct State {
        var settings: Settings
        var pipeline: PipelineSettings
    }

    private let state: Mutex<State>

    init(_ settings: Settings) {
        state = Mutex(State(settings: settings, pipeline: settings.pipeline))
    }

    var settings: Settings { state.withLock { $0.settings } }
    var pipeline: PipelineSettings { state.withLock { $0.pipeline } }

    func replace(with settings: Settings) {
        state.withLock { $0 = State(settings: settings, pipeline: settings.pipeline) }
    }
}
