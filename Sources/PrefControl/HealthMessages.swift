/// Answer of `GET /healthz`: the process answers.
public struct Liveness: Codable, Sendable, Hashable {
    /// Always `ok`.
    public let status: String

    /// Makes an answer.
    public init(status: String = "ok") { self.status = status }
}

/// The state of one part of prefd.
public struct ComponentState: Codable, Sendable, Hashable {
    /// Whether it does its job now.
    public let ready: Bool
    /// The state in a few words, or what is wrong.
    public let detail: String

    /// Makes a state.
    public init(ready: Bool, detail: String) {
        self.ready = ready
        self.detail = detail
    }
}

/// The state of one backend, known without asking a model anything.
public struct BackendState: Codable, Sendable, Hashable {
    /// What is known of a backend.
    public enum Condition: String, Codable, Sendable, CaseIterable {
        /// It answers, or takes connections and has not failed.
        case ready
        /// It takes no connections, or failed so often that it is left alone for a while.
        case unreachable
        /// It takes connections, and yet failed to answer the last request.
        case unknown
    }

    /// The configured name.
    public let name: String
    /// Whether requests can be sent to it, as far as is known: all but `unreachable`.
    public let ready: Bool
    /// What is known of it.
    public let state: Condition
    /// The state in a few words, or what is wrong.
    public let detail: String

    /// Makes a state.
    public init(name: String, state: Condition, detail: String) {
        self.name = name
        self.state = state
        ready = state != .unreachable
        self.detail = detail
    }
}

/// Answer of `GET /readyz`: 200 where `ready`, else 503.
///
/// A 503 that names its parts tells a dead backend from a dead prefd, which answers nothing. Never costs a model call.
public struct Readiness: Codable, Sendable, Hashable {
    /// Whether requests can be served: store and rules ready, and at least one backend.
    public let ready: Bool
    /// Whether preferences can be read and written.
    public let store: ComponentState
    /// Whether the rules are in force.
    public let rules: ComponentState
    /// The backends.
    public let backends: [BackendState]

    /// Makes an answer; `ready` follows from the parts.
    public init(store: ComponentState, rules: ComponentState, backends: [BackendState]) {
        ready = store.ready && rules.ready && backends.contains { $0.ready }
        self.store = store
        self.rules = rules
        self.backends = backends
    }
}
