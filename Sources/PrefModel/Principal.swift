/// Whose preferences apply to a request.
///
/// A principal is made only from what the kernel says of a peer, or from an end-user id that an
/// app trusted by the kernel's word passed on. Steps further in take one and cannot be called
/// without it.
public enum Principal: Hashable, Sendable {
    /// A local user, by numeric uid.
    case user(uid: UInt32)
    /// An end user of a delegating app: the app's configured name and the app's own id for the user.
    case endUser(app: String, id: String)

    /// The spelling users see: `uid:1000` or `app:NAME/user:ID`.
    ///
    /// Never goes to a log, an error, a metric or a file in clear; use a keyed pseudonym there.
    public var spelling: String {
        switch self {
        case .user(let uid): "uid:\(uid)"
        case .endUser(let app, let id): "app:\(app)/user:\(id)"
        }
    }

    /// Reads the spelling back, or nil where it is not one.
    public init?(spelling: String) {
        if spelling.hasPrefix("uid:"), let uid = UInt32(spelling.dropFirst(4)) {
            self = .user(uid: uid)
            return
        }
        guard spelling.hasPrefix("app:"), let slash = spelling.firstIndex(of: "/") else {
            return nil
        }
        let app = spelling[spelling.index(spelling.startIndex, offsetBy: 4)..<slash]
        let rest = spelling[spelling.index(after: slash)...]
        guard !app.isEmpty, rest.hasPrefix("user:"), rest.count > 5 else { return nil }
        self = .endUser(app: String(app), id: String(rest.dropFirst(5)))
    }
}
