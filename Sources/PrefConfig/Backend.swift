public import PrefModel

extension Configuration {
    /// One model server.
    public struct Backend: Sendable, Hashable {
        /// An API that a server speaks.
        public enum Dialect: String, Sendable, CaseIterable {
            case openai, anthropic, ollama
        }

        /// How long each phase of a request may take.
        public struct Timeouts: Sendable, Hashable {
            /// Until the connection stands, TLS included.
            public var connect = Duration.seconds(5)
            /// From the request's end to the answer's first byte.
            public var firstByte = Duration.seconds(120)
            /// Between two reads of an answer.
            public var idle = Duration.seconds(60)
            /// For a turn, where the backend has as many requests as it takes.
            public var queue = Duration.seconds(30)
        }

        /// When a backend that keeps failing is left alone.
        public struct CircuitBreaker: Sendable, Hashable {
            /// After how many failures in a row; 0 for never.
            public var failures = 5
            /// For how long, until one request tries again.
            public var pause = Duration.seconds(10)
        }

        /// The name that explain, metrics and the journal show.
        public var name: String
        /// Where it listens.
        public var url: BackendURL
        /// The Unix socket of a proxy that it is reached through, an absolute path; nil for the
        /// service's own way out.
        public var via: String?
        /// PEM file of the certificate authority to trust instead of the system's; an absolute
        /// path.
        public var certificateAuthority: String?
        /// The APIs it speaks.
        public var dialects: Set<Dialect> = Set(Dialect.allCases)
        /// The models it serves.
        public var models: [ModelGlob] = [.any]
        /// The key it asks for, or nil.
        public var apiKey: SecretSource?
        /// Whether the client's own `Authorization` is passed on.
        public var forwardAuthorization = false
        /// How long each phase may take.
        public var timeouts = Timeouts()
        /// The name of the backend that serves while this one takes no requests; nil for none.
        public var fallback: String?
        /// How many requests it takes at once; nil for any number.
        public var maxConcurrent: Int?
        /// How many more may wait for their turn.
        public var maxQueued = 64
        /// When it is left alone.
        public var circuitBreaker = CircuitBreaker()

        /// Makes a backend with every other setting at its default.
        public init(name: String, url: BackendURL) {
            self.name = name
            self.url = url
        }
    }
}
