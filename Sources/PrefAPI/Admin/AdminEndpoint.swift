/// One call that only the admin socket has, by its path.
enum AdminEndpoint: Equatable {
    case status
    case metrics
    case users
    case population
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
        case let rest where rest.count == 2 && rest[0] == "users" && !rest[1].isEmpty:
            self = .user(pseudonym: rest[1])
        default: return nil
        }
    }

    /// The methods that the path takes.
    var methods: [String] {
        switch self {
        case .status, .metrics, .users, .rules, .doctor, .keys: ["GET"]
        case .user: ["GET", "DELETE"]
        case .population: ["GET", "POST"]
        case .logLevel: ["GET", "PUT"]
        case .lintRules, .testRules, .tryRules, .reloadRules, .checkConfig, .reload, .rotateKey:
            ["POST"]
        }
    }
}
