/// The database's tables of sealed records; the number goes into every record's address.
enum Table: UInt8, Sendable {
    case users = 1
    case preferences = 2
    case consents = 3
    case signals = 4
    case excerpts = 5

    var name: String {
        switch self {
        case .users: "users"
        case .preferences: "preferences"
        case .consents: "consents"
        case .signals: "signals"
        case .excerpts: "excerpts"
        }
    }
}

/// Which records are added up together: those of one table and, for signals, of one scope.
struct SetName: Hashable, Comparable, Sendable {
    let table: Table
    /// `ScopeCode` of signals and excerpts, else 0.
    let scope: UInt8

    static let preferences = SetName(table: .preferences, scope: 0)
    static let consents = SetName(table: .consents, scope: 0)

    static func < (left: SetName, right: SetName) -> Bool {
        (left.table.rawValue, left.scope) < (right.table.rawValue, right.scope)
    }
}
