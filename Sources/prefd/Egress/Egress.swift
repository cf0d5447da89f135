import Foundation
import PrefConfig

/// The way out of a prefd that has no network of its own.
enum Egress {
    /// What the unit that takes the network away names the way out in.
    private static let environmentVariable = "PREFD_EGRESS"

    /// The socket of `prefd egress`, through which servers on TCP are reached; nil for directly.
    static let socket: String? = {
        let path = ProcessInfo.processInfo.environment[environmentVariable]
        return path.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }()

    /// What stands between backends and the sockets that they are to be reached through, as far as it can
    /// be seen from here.
    static func warnings(on configuration: Configuration) -> [String] {
        configuration.backends.compactMap { backend in
            guard let path = backend.via, !FileManager.default.fileExists(atPath: path) else {
                return nil
            }
            return
                "there is no \(path), through which the backend \(backend.name) is to be reached; "
                + "\(hint)"
        }
    }

    /// How a missing way out is made.
    private static let hint = "prefd's own is made by `systemctl enable --now prefd-egress.socket`"
}
