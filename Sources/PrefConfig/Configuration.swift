/// Everything an admin can set.
public struct Configuration: Sendable, Hashable {
    /// The sockets' absolute paths, for when the service manager passes none.
    public struct Listen: Sendable, Hashable {
        /// The socket for apps.
        public var data: String
        /// The socket for admins.
        public var admin: String

        /// Takes two absolute paths.
        public init(data: String, admin: String) {
            self.data = data
            self.admin = admin
        }
    }

    /// What keeps the store.
    public enum Store: Sendable, Hashable {
        /// Files in the state directory.
        case sqlite
        /// A PostgreSQL server that several hosts share; its connection string is a secret, since there may
        /// be a password in it.
        case postgres(connection: SecretSource)

        /// The words for the kinds.
        enum Kind: String, CaseIterable {
            case sqlite, postgres
        }
    }

    /// How preferences go into prompts.
    public struct Personalization: Sendable, Hashable {
        /// When the universal charter is written into the prompt.
        public enum Charter: String, Sendable, CaseIterable {
            /// With every block of preferences.
            case personalized
            /// Also where there are no preferences.
            case always
        }

        /// Where the block goes in the system prompt.
        public enum Placement: String, Sendable, CaseIterable {
            /// The app's own prefix stays first, and backends' prefix caches keep working.
            case end
            /// Before the app's own prompt.
            case start
        }

        /// The block's budget, in tokens.
        public var blockTokens = 200
        /// When the universal charter is written.
        public var charter = Charter.personalized
        /// Where the block goes.
        public var placement = Placement.end
        /// From how many user turns on the block's short form is repeated near the end; 0 for
        /// never.
        public var reminderAfterTurns = 8
    }

    /// When what was learned of a user goes into prompts.
    public struct Learning: Sendable, Hashable {
        /// How sure it must be that a direction is liked better, in percent.
        public var surenessPercent = 90
        /// Signals of the user's own that must have spoken of it.
        public var leastSignals = 3
        /// After how long evidence counts half.
        public var halfLife = Duration.seconds(180 * 86_400)
        /// After how long without a signal a preference is asked about rather than used.
        public var askAgainAfter = Duration.seconds(180 * 86_400)
        /// What one release of the population's statistics costs, as an epsilon of differential privacy.
        public var populationEpsilon = 1.0
        /// What may be spent on releases over the store's life.
        public var populationBudget = 10.0
    }

    /// Where the universal rules come from.
    public enum Rules: Sendable, Hashable {
        /// The packs that are compiled in.
        case builtIn
        /// The packs in the directory of this absolute path.
        case directory(String)
    }

    /// Where the topics and their tiers come from.
    public enum Tiers: Sendable, Hashable {
        /// Those that are compiled in.
        case builtIn
        /// Those in the directory of this absolute path.
        case directory(String)
    }

    /// What one user or request may take up.
    public struct Limits: Sendable, Hashable {
        /// The longest request body, in bytes.
        public var bodyBytes = 32 << 20
        /// Connections that one uid may hold.
        public var connectionsPerUser = 256
        /// Requests of one uid that may run at once.
        public var requestsPerUser = 64
    }

    /// How much of the audit log is kept.
    public struct Audit: Sendable, Hashable {
        /// How long a file of it grows, in bytes, before the next is begun.
        public var fileBytes = 16 << 20
        /// How many full files are kept.
        public var files = 64
    }

    /// How long what a scope gathers is kept, where the consent itself does not say.
    public struct Retention: Sendable, Hashable {
        /// Excerpts of text.
        public var content = Duration.seconds(30 * 86_400)
        /// Signals.
        public var signals = Duration.seconds(365 * 86_400)
    }

    /// What is written to the journal.
    public enum LogLevel: String, Sendable, CaseIterable {
        case error, warning, notice, info, debug

        /// The syslog priority; entries with a larger one are left out.
        public var priority: Int {
            switch self {
            case .error: 3
            case .warning: 4
            case .notice: 5
            case .info: 6
            case .debug: 7
            }
        }
    }

    /// The sockets.
    public var listen: Listen
    /// The directory of everything that is kept, an absolute path.
    public var state: String
    /// Where the master key is.
    public var key: SecretSource
    /// What keeps the store.
    public var store = Store.sqlite
    /// The model servers, in order: the first that matches serves.
    ///
    /// Empty: look for a local one.
    public var backends: [Backend] = []
    /// The known apps, in order: the first that matches is it.
    public var apps: [App] = []
    /// How preferences go into prompts.
    public var personalization = Personalization()
    /// When what was learned of a user goes into prompts.
    public var learning = Learning()
    /// Where the universal rules come from.
    public var rules: Rules
    /// Where the topics and their tiers come from.
    public var tiers = Tiers.builtIn
    /// What one user or request may take up.
    public var limits = Limits()
    /// How long what a scope gathers is kept.
    public var retention = Retention()
    /// How much of the audit log is kept.
    public var audit = Audit()
    /// What is written to the journal.
    public var logLevel = LogLevel.info
    /// How long running streams may take to finish when the service stops.
    public var shutdownGrace = Duration.seconds(30)
    /// What the admin should look at, although prefd starts.
    public var warnings: [ConfigProblem] = []

    /// The first app that a peer matches, or nil.
    public func app(uid: UInt32, executable: String?, unit: String?) -> App? {
        apps.first { $0.match.holds(uid: uid, executable: executable, unit: unit) }
    }
}
