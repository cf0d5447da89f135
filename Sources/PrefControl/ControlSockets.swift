/// Where prefd's sockets are, as prefctl finds them.
public enum ControlSockets {
    /// The data socket: what was given, else `PREFD_SOCKET`, else the user's own instance where its
    /// socket exists, else the system's.
    ///
    /// `given` is the path of `--socket`; `exists` tells whether a path is there.
    public static func data(
        given: String?,
        environment: [String: String],
        exists: (String) -> Bool
    ) -> String {
        path(given, environment["PREFD_SOCKET"], "prefd.sock", environment, exists)
    }

    /// The admin socket, found the same way by `PREFD_ADMIN_SOCKET`.
    ///
    /// `given` is the path of `--admin-socket`; `exists` tells whether a path is there.
    public static func admin(
        given: String?,
        environment: [String: String],
        exists: (String) -> Bool
    ) -> String {
        path(given, environment["PREFD_ADMIN_SOCKET"], "admin.sock", environment, exists)
    }

    private static func path(
        _ given: String?,
        _ variable: String?,
        _ name: String,
        _ environment: [String: String],
        _ exists: (String) -> Bool
    ) -> String {
        for path in [given, variable] {
            if let path, !path.isEmpty { return path }
        }
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            let own = "\(runtime)/prefd/\(name)"
            if exists(own) { return own }
        }
        return "/run/prefd/\(name)"
    }
}
