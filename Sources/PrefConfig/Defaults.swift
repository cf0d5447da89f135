private import FoundationEssentials

extension Configuration {
    /// What holds for the system service where its file says nothing.
    public static let service = Configuration(
        listen: Listen(data: "/run/prefd/prefd.sock", admin: "/run/prefd/admin.sock"),
        state: "/var/lib/prefd",
        key: .credential("prefd.master-key"),
        rules: .directory("/etc/prefd/rules.d")
    )

    /// What holds for a user's own instance: everything below `$XDG_RUNTIME_DIR` and
    /// `$XDG_STATE_HOME`, and the rules that are compiled in.
    ///
    /// Source: XDG Base Directory Specification 0.8.
    ///
    /// - Throws: ``ConfigErrors``, where the environment names no place for sockets or state.
    public static func userInstance(
        environment: [String: String],
        uid: UInt32
    ) throws(ConfigErrors) -> Configuration {
        try userInstance(environment: environment, uid: uid, isDirectory: Self.isDirectory)
    }

    static func userInstance(
        environment: [String: String],
        uid: UInt32,
        isDirectory: (String) -> Bool
    ) throws(ConfigErrors) -> Configuration {
        var problems: [ConfigProblem] = []
        let usual = "/run/user/\(uid)"
        let runtime = absolute(environment["XDG_RUNTIME_DIR"]) ?? (isDirectory(usual) ? usual : nil)
        if runtime == nil {
            problems.append(
                ConfigProblem(
                    file: "environment",
                    message:
                        "XDG_RUNTIME_DIR is not set and \(usual) does not exist: no place for sockets",
                    hint: "set XDG_RUNTIME_DIR to a directory that only you can enter, mode 0700"
                )
            )
        }
        let home = absolute(environment["HOME"])
        let stateHome = absolute(environment["XDG_STATE_HOME"]) ?? home.map { $0 + "/.local/state" }
        if stateHome == nil {
            problems.append(
                ConfigProblem(
                    file: "environment",
                    message:
                        "neither XDG_STATE_HOME nor HOME is an absolute path: no place for state",
                    hint: "set HOME"
                )
            )
        }
        guard let runtime, let stateHome else { throw ConfigErrors(problems) }
        let sockets = runtime + "/prefd"
        let configuration = Configuration(
            listen: Listen(data: sockets + "/prefd.sock", admin: sockets + "/admin.sock"),
            state: stateHome + "/prefd",
            key: .file(stateHome + "/prefd/master.key"),
            rules: .builtIn
        )
        if let bad = SocketPath.problem(with: configuration.listen.data) {
            throw ConfigErrors([
                ConfigProblem(
                    file: "environment",
                    message: "the socket below XDG_RUNTIME_DIR \(bad.phrase)",
                    hint: "set XDG_RUNTIME_DIR to a shorter path"
                )
            ])
        }
        return configuration
    }

    /// What holds where there is no configuration file: ``service`` in a unit of the system's
    /// service manager, else ``userInstance(environment:uid:)``, root's too.
    ///
    /// - Throws: ``ConfigErrors``, as ``userInstance(environment:uid:)`` does.
    public static func defaults(
        environment: [String: String],
        uid: UInt32
    ) throws(ConfigErrors) -> Configuration {
        if isSystemUnit(environment) { return .service }
        return try userInstance(environment: environment, uid: uid)
    }

    /// Whether the system's service manager started this process from a unit with
    /// `StateDirectory=`.
    static func isSystemUnit(_ environment: [String: String]) -> Bool {
        environment["STATE_DIRECTORY"]?.hasPrefix("/var/lib/") == true
    }

    /// The specification has relative paths ignored.
    private static func absolute(_ path: String?) -> String? {
        guard var path, path.hasPrefix("/") else { return nil }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    static func isDirectory(_ path: String) -> Bool {
        var directory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &directory) && directory
    }
}
