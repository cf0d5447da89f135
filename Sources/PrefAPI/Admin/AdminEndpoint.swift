/// One call that only the admin socket has, by its path.
enum AdminEndpoint: Equatable {
    case status
    case metrics
    case users
    case population
    case effects
    case user(pseudonym: String)
    case rules
    case lintRules
    case testRules
    case tryRules
    case reloadRules
    case checkConfig
    case reload
    case logLevel
    case doctor
    case keys
    case rotateKey
    case backups
    case backupUploads
    case backup(id: String)
    case backupFile(id: String, name: String)
    case verifyBackup(id: String)
    case restoreBackup(id: String)
    case stagedRestore
    case audit
    case receipt

    /// The call of a path, or nil where there is none.
    init?(segments: [String]) {
        if segments == ["metrics"] {
            self = .metrics
            return
        }
        guard segments.starts(with: ["prefd", "v1", "admin"]) else { return nil }
        switch Array(segments.dropFirst(3)) {
        case ["status"]: self = .status
        case ["metrics"]: self = .metrics
        case ["users"]: self = .users
        case ["population"]: self = .population
        case ["effects"]: self = .effects
        case ["rules"]: self = .rules
        case ["rules", "lint"]: self = .lintRules
        case ["rules", "test"]: self = .testRules
        case ["rules", "try"]: self = .tryRules
        case ["rules", "reload"]: self = .reloadRules
        case ["config", "check"]: self = .checkConfig
        case ["reload"]: self = .reload
        case ["log", "level"]: self = .logLevel
        case ["doctor"]: self = .doctor
        case ["keys"]: self = .keys
        case ["keys", "rotate"]: self = .rotateKey
        case ["audit"]: self = .audit
        case ["audit", "receipt"]: self = .receipt
        case ["restore"]: self = .stagedRestore
        case let rest where rest.first == "backups":
            guard let call = Self(backupSegments: Array(rest.dropFirst())) else { return nil }
            self = call
        case let rest where rest.count == 2 && rest[0] == "users" && !rest[1].isEmpty:
            self = .user(pseudonym: rest[1])
        default: return nil
        }
    }

    /// Whether the body is a piece of a file rather than a message.
    var takesFiles: Bool { if case .backupFile = self { true } else { false } }

    /// The methods that the path takes.
    var methods: [String] {
        switch self {
        case .status, .metrics, .users, .rules, .doctor, .keys, .audit: ["GET"]
        case .user: ["GET", "DELETE"]
        case .backups, .backupUploads, .verifyBackup, .restoreBackup: ["POST"]
        case .backup, .stagedRestore: ["DELETE"]
        case .backupFile: ["GET", "PUT"]
        case .population, .effects: ["GET", "POST"]
        case .logLevel: ["GET", "PUT"]
        case .lintRules, .testRules, .tryRules, .reloadRules, .checkConfig, .reload, .rotateKey,
            .receipt:
            ["POST"]
        }
    }

    private init?(backupSegments segments: [String]) {
        switch segments.count {
        case 0: self = .backups
        case 1: self = segments[0] == "uploads" ? .backupUploads : .backup(id: segments[0])
        case 2 where segments[1] == "verify": self = .verifyBackup(id: segments[0])
        case 2 where segments[1] == "restore": self = .restoreBackup(id: segments[0])
        case 3 where segments[1] == "files":
            self = .backupFile(id: segments[0], name: segments[2])
        default: return nil
        }
    }
}
