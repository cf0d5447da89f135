internal import PrefModel

/// The scopes that stay visible in the database, so that what they gathered can be deleted without
/// opening each record.
enum ScopeCode: UInt8, Sendable, CaseIterable {
    case explicit = 1
    case implicit = 2

    init(_ kind: SignalKind) { self = kind.scope == .signalsExplicit ? .explicit : .implicit }

    init?(_ scope: ConsentScope) {
        switch scope {
        case .signalsExplicit: self = .explicit
        case .signalsImplicit: self = .implicit
        default: return nil
        }
    }

    var signals: SetName { SetName(table: .signals, scope: rawValue) }
    var excerpts: SetName { SetName(table: .excerpts, scope: rawValue) }
}
