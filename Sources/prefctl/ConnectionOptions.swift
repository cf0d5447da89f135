internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import PrefControl

/// Where prefd is.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The data socket.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("The admin socket.", valueName: "path"))
    var adminSocket: String?

    /// Calls on the data socket, as the user who runs prefctl.
    func client() -> ControlClient { client(dataPath) }

    /// Calls on the admin socket.
    func adminClient() -> ControlClient { client(adminPath) }

    /// Whether this user can open the admin socket at all.
    var adminIsOpen: Bool {
        // SAFETY: access only reads the path, which is passed as a C string for the call's time.
        unsafe access(adminPath, R_OK | W_OK) == 0
    }

    /// The data socket's path.
    var dataPath: String {
        ControlSockets.data(
            given: socket,
            environment: ProcessInfo.processInfo.environment,
            exists: Self.exists
        )
    }

    /// The admin socket's path.
    var adminPath: String {
        ControlSockets.admin(
            given: adminSocket,
            environment: ProcessInfo.processInfo.environment,
            exists: Self.exists
        )
    }

    private func client(_ path: String) -> ControlClient {
        ControlClient(exchange: ControlTransport(socket: path))
    }

    private static func exists(_ path: String) -> Bool {
        // SAFETY: as above.
        unsafe access(path, F_OK) == 0
    }
}
