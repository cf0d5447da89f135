/// Why a call through ``ControlClient`` brought no answer.
public enum ControlFailure: Error, Sendable, CustomStringConvertible {
    /// Nobody answers on the socket.
    case unreachable(socket: String, reason: String)
    /// The socket may not be opened by this user.
    case forbidden(socket: String)
    /// prefd answered, and refused.
    case refused(status: Int, APIError)
    /// What came back is no answer of prefd's.
    case notPrefd(socket: String, reason: String)

    /// What was wrong.
    public var description: String {
        switch self {
        case .unreachable(let socket, let reason):
            "prefd cannot be reached at \(socket): \(reason)."
        case .forbidden(let socket): "You may not use the socket \(socket)."
        case .refused(_, let error): error.message
        case .notPrefd(let socket, let reason):
            "What answers at \(socket) does not speak prefd's API: \(reason)."
        }
    }

    /// What to do about it.
    public var hint: String {
        switch self {
        case .unreachable:
            "Start it with `systemctl start prefd` (or `prefd serve` as yourself), or say where it "
                + "listens with --socket, --admin-socket, PREFD_SOCKET or PREFD_ADMIN_SOCKET."
        case .forbidden:
            "The admin socket is for root and the group prefd-admin; for your own instance, for its "
                + "owner."
        case .refused(_, let error): error.hint
        case .notPrefd: "Check the path given by --socket or PREFD_SOCKET, and prefd's version."
        }
    }

    /// The failure in the shape of prefd's own errors, for programs.
    public var apiError: APIError {
        switch self {
        case .unreachable: APIError(code: "unreachable", message: description, hint: hint)
        case .forbidden: APIError(code: "forbidden", message: description, hint: hint)
        case .refused(_, let error): error
        case .notPrefd: APIError(code: "not_prefd", message: description, hint: hint)
        }
    }
}
