internal import PrefModel

/// One call of the data socket, by its path.
enum DataEndpoint: Equatable {
    case liveness
    case readiness
    case me
    case dimensions
    case preferences
    case preference(DimensionID)
    case evidence(DimensionID)
    case consents
    case consent(String)
    case signals
    case elicit
    case effects
    case explanation(id: String)
    case export

    /// The call of a path, or nil where there is none.
    init?(segments: [String]) {
        switch segments {
        case ["healthz"]: self = .liveness
        case ["readyz"]: self = .readiness
        default:
            guard segments.starts(with: ["prefd", "v1"]) else { return nil }
            let rest = Array(segments.dropFirst(2))
            guard !rest.contains("") else { return nil }
            switch rest.count {
            case 1: self.init(collection: rest[0])
            case 2: self.init(member: rest[1], of: rest[0])
            case 3 where rest[0] == "preferences" && rest[2] == "why":
                self = .evidence(DimensionID(rawValue: rest[1]))
            default: return nil
            }
        }
    }

    private init?(collection: String) {
        switch collection {
        case "me": self = .me
        case "dimensions": self = .dimensions
        case "preferences": self = .preferences
        case "consent": self = .consents
        case "signals": self = .signals
        case "elicit": self = .elicit
        case "effects": self = .effects
        case "export": self = .export
        default: return nil
        }
    }

    private init?(member: String, of collection: String) {
        switch collection {
        case "preferences": self = .preference(DimensionID(rawValue: member))
        case "consent": self = .consent(member)
        case "requests": self = .explanation(id: member)
        default: return nil
        }
    }

    /// The methods that the path takes.
    var methods: [String] {
        switch self {
        case .liveness, .readiness, .dimensions, .evidence, .effects, .explanation, .export: ["GET"]
        case .me: ["GET", "DELETE"]
        case .preferences, .preference, .consents, .consent: ["GET", "PUT", "DELETE"]
        case .signals: ["POST"]
        case .elicit: ["GET", "POST"]
        }
    }
}
