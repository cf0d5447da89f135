private import CSystemd

/// Sockets that the service manager bound and passed on.
///
/// Source: sd_listen_fds_with_names(3), systemd.socket(5) `FileDescriptorName=`.
public enum ListenFDs {
    /// The passed sockets by name; empty where none were passed.
    ///
    /// Call it once, before any thread starts: it clears `LISTEN_PID`, `LISTEN_FDS` and
    /// `LISTEN_FDNAMES` from the environment, so that no child takes the sockets for its own, and
    /// sets close-on-exec. Who receives a descriptor owns it.
    ///
    /// - Throws: ``ListenFDsError``, where a descriptor is not a listening Unix stream socket or
    ///   two have one name.
    public static func named() throws(ListenFDsError) -> [String: CInt] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // `names` is set to an array of `count` C strings (and NULL) that is ours to free.
        let count = unsafe csystemd_listen_fds(&names)
        defer { unsafe csystemd_free_names(names) }
        guard count >= 0 else { throw .unreadable(errno: -count) }
        var sockets: [String: CInt] = [:]
        for position in 0..<count {
            let descriptor = csystemd_first_listen_fd() + position
            // Within the array: it has `count` entries.
            let name =
                if let names = unsafe names, let text = unsafe names[Int(position)] {
                    unsafe String(cString: text)
                } else {
                    "unknown"
                }
            guard csystemd_is_listening_unix_stream(descriptor) > 0 else {
                throw .notAListeningUnixSocket(name: name, descriptor: descriptor)
            }
            guard sockets.updateValue(descriptor, forKey: name) == nil else {
                throw .duplicateName(name)
            }
        }
        return sockets
    }
}

/// Why the passed sockets cannot be used.
///
/// The texts are for the admin who wrote the socket units.
public enum ListenFDsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The environment says that there are sockets, and yet they cannot be read.
    case unreadable(errno: CInt)
    /// A descriptor that is not what prefd serves on.
    case notAListeningUnixSocket(name: String, descriptor: CInt)
    /// Two sockets of one name.
    case duplicateName(String)

    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let errno):
            """
            The sockets from the service manager cannot be taken over (errno \(errno)): LISTEN_FDS \
            or LISTEN_FDNAMES does not fit the descriptors that were passed. Start prefd by its units.
            """
        case .notAListeningUnixSocket(let name, let descriptor):
            """
            The socket "\(name)" (descriptor \(descriptor)) from the service manager is not a \
            listening Unix stream socket. Give its .socket unit one ListenStream= with an absolute path and \
            Accept=no.
            """
        case .duplicateName(let name):
            """
            Two sockets from the service manager are both named "\(name)". Give each .socket \
            unit one ListenStream= and a FileDescriptorName= of its own.
            """
        }
    }
}
