public import FoundationEssentials

/// Answer of `GET /prefd/v1/admin/status`.
public struct ServiceStatus: Codable, Sendable, Hashable {
    /// prefd's version.
    public let version: String
    /// The service's process id.
    public let processID: Int32
    /// When it started.
    public let startedAt: Date
    /// The config file in force, or nil where it runs on defaults.
    public let configFile: String?
    /// The rule directory in force.
    public let rulesDirectory: String?
    /// How many rules are in force.
    public let rules: Int
    /// How many users the store holds something on.
    public let users: Int
    /// The parts and whether they do their jobs.
    public let readiness: Readiness

    /// Makes an answer.
    public init(
        version: String,
        processID: Int32,
        startedAt: Date,
        configFile: String?,
        rulesDirectory: String?,
        rules: Int,
        users: Int,
        readiness: Readiness
    ) {
        self.version = version
        self.processID = processID
        self.startedAt = startedAt
        self.configFile = configFile
        self.rulesDirectory = rulesDirectory
        self.rules = rules
        self.users = users
        self.readiness = readiness
    }

    private enum CodingKeys: String, CodingKey {
        case version, rules, users, readiness
        case processID = "process_id"
        case startedAt = "started_at"
        case configFile = "config_file"
        case rulesDirectory = "rules_directory"
    }
}

/// Something wrong in a file that an admin wrote, and where.
public struct FileProblem: Codable, Sendable, Hashable {
    /// The file's path.
    public let file: String
    /// Line, from 1, where known.
    public let line: Int?
    /// Column, from 1, where known.
    public let column: Int?
    /// What is wrong.
    public let message: String
    /// What to do about it, where there is something to say.
    public let hint: String?

    /// Makes a problem.
    public init(
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        message: String,
        hint: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }
}

/// How much goes to the journal: what matters at least this much.
public enum LogLevel: String, Codable, Sendable, CaseIterable {
    case error, warning, notice, info, debug
}

/// Body of `PUT /prefd/v1/admin/log/level`, and answer of it and of `GET`.
public struct LogLevelSetting: Codable, Sendable, Hashable {
    /// The level in force.
    public let level: LogLevel

    /// Makes a setting.
    public init(level: LogLevel) { self.level = level }
}

/// Body of `POST /prefd/v1/admin/config/check`.
public struct ConfigCheckRequest: Codable, Sendable, Hashable {
    /// The file to check, as the service's user can read it; left out is the one in force.
    public let file: String?

    /// Makes a body.
    public init(file: String? = nil) { self.file = file }
}

/// Answer of `POST /prefd/v1/admin/config/check`.
public struct ConfigReport: Codable, Sendable, Hashable {
    /// Whether the service would start with it.
    public let ok: Bool
    /// The file that was checked, or nil for the built-in defaults.
    public let file: String?
    /// What is wrong.
    public let problems: [FileProblem]

    /// Makes an answer; `ok` where there are no problems.
    public init(file: String?, problems: [FileProblem]) {
        ok = problems.isEmpty
        self.file = file
        self.problems = problems
    }
}

/// Answer of `POST /prefd/v1/admin/reload` and `POST /prefd/v1/admin/rules/reload`.
///
/// Where it failed the old config and rules stay in force.
public struct ReloadReport: Codable, Sendable, Hashable {
    /// Whether what was read is now in force.
    public let ok: Bool
    /// How many rules are in force.
    public let rules: Int
    /// What is wrong with what was read.
    public let problems: [FileProblem]

    /// Makes an answer; `ok` where there are no problems.
    public init(rules: Int, problems: [FileProblem]) {
        ok = problems.isEmpty
        self.rules = rules
        self.problems = problems
    }
}
