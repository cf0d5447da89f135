/// Why a secret could not be read, for the admin.
///
/// Never holds any of it.
public enum SecretError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A credential is asked for, and the process was given none.
    case noCredentials(name: String)
    /// There is no such file.
    case missing(path: String)
    /// The file cannot be opened or read.
    case unreadable(path: String, reason: String)
    /// A directory, a FIFO, a device.
    case notAFile(path: String)
    /// Someone else's file.
    case foreignOwner(path: String, uid: UInt32)
    /// Others can read or write the file.
    case openToOthers(path: String, mode: UInt32)
    /// Nothing in it.
    case empty(path: String)
    /// More than 16 KiB in it.
    case tooLong(path: String)
    /// More than one line, or bytes that are not visible ASCII.
    case notOneLine(path: String)

    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noCredentials(let name):
            """
            The credential "\(name)" was not passed: CREDENTIALS_DIRECTORY is not set. Start prefd by \
            its unit with LoadCredential=\(name):PATH, or name a file instead.
            """
        case .missing(let path):
            "There is no file \(path). Create it, mode 0600, or correct the path in the configuration."
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason). It must be readable by the user that prefd runs as."
        case .notAFile(let path):
            "\(path) is not a regular file. Name the file that holds the secret."
        case .foreignOwner(let path, let uid):
            """
            \(path) belongs to uid \(uid). A secret must belong to the user that prefd runs as, or to \
            root.
            """
        case .openToOthers(let path, let mode):
            """
            \(path) has mode 0\(String(mode, radix: 8)), so others can get at the secret. \
            Run: chmod 600 \(path)
            """
        case .empty(let path):
            "\(path) is empty. Put the secret in it, on one line."
        case .tooLong(let path):
            "\(path) holds more than 16 KiB. Is it the right file?"
        case .notOneLine(let path):
            """
            \(path) holds more than one line, or characters outside visible ASCII. Put only the secret \
            in it.
            """
        }
    }
}
