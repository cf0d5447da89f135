import PrefConfig
import PrefRules
import PrefStore
import PrefTopics
import Systemd
import UnixHTTP

/// Why prefd does not start.
///
/// The texts are for the admin who started it.
enum StartFailure: Error, CustomStringConvertible {
    /// The configuration is wrong.
    case configuration([ConfigProblem])
    /// The rule packs do not load.
    case rules(RuleError)
    /// The topics do not load.
    case topics(TopicError)
    /// The store or its key cannot be used.
    case store(StoreError)
    /// The backup that waits to be restored cannot be.
    case restore(BackupError, state: String)
    /// A secret named in the configuration cannot be read.
    case secret(String)
    /// A socket cannot be served on.
    case listen(String)
    /// The sockets passed by the service manager cannot be used.
    case passedSockets(ListenFDsError)
    /// A directory cannot be made.
    case directory(String)

    /// 78 (EX_CONFIG, sysexits.h) for what will not mend itself: the unit does not restart on it.
    var exitCode: Int32 {
        switch self {
        case .configuration, .rules, .topics, .secret, .passedSockets, .restore: 78
        case .store(let error): error.isKeyProblem ? 78 : 1
        case .listen, .directory: 1
        }
    }

    var description: String {
        switch self {
        case .configuration(let problems): problems.map(\.description).joined(separator: "\n")
        case .rules(let error): "the rules do not load, so nothing is served:\n\(error)"
        case .topics(let error): "the topics do not load, so nothing is served:\n\(error)"
        case .store(let error): "\(error)\n\(error.hint)"
        case .restore(.otherKey, let state):
            "the backup in \(state)/restore cannot be restored: \(BackupError.otherKey)\n"
                + "Either the key was rotated after the backup was put there, or it is another store's. "
                + "Remove \(state)/restore to start with the store as it is. Where the key of that time "
                + "still exists, start with it in the place of the present one: the backup is then "
                + "restored under it, and `prefctl key rotate` changes it again. Nothing was changed."
        case .restore(let error, let state):
            "the backup in \(state)/restore cannot be restored: \(error)\n\(error.hint)\n"
                + "Remove \(state)/restore to start with the store as it is."
        case .secret(let text), .listen(let text), .directory(let text): text
        case .passedSockets(let error): "\(error)"
        }
    }
}
