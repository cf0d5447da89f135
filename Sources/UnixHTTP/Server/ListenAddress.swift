public import Glibc

/// Where a server takes its connections from.
public enum ListenAddress: Sendable, Hashable {
    /// A Unix socket that the server creates at this path, with exactly these permission bits.
    case path(String, mode: mode_t)
    /// A listening Unix socket that another process made, as systemd's socket activation does.
    ///
    /// The server owns the descriptor from then on, and never removes the socket's file.
    case inherited(fileDescriptor: CInt)
    /// A TCP port of the loopback interface, IPv4; 0 for one that is free.
    ///
    /// The kernel names no peer there, so whoever connects counts as this process: the responder has
    /// to ask for a proof of its own.
    case loopback(port: UInt16)
}

/// Why a server could not begin to listen.
public enum ListenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A live server answers at the path.
    case anotherProcessIsServing(path: String)
    /// Something that is not a socket stands at the path; it is left alone.
    case notASocket(path: String)
    /// The directory that the socket would stand in does not exist.
    case directoryMissing(path: String, directory: String)
    /// The path does not fit into a socket address (107 bytes on Linux, unix(7)).
    case pathTooLong(path: String)
    /// The inherited descriptor is not a listening Unix socket.
    case notAListeningUnixSocket(fileDescriptor: CInt)
    /// Another process listens on the port.
    case portTaken(UInt16)
    /// A system call failed.
    case system(call: String, path: String, errno: CInt)
    /// The event loops could not take the socket.
    case eventLoop(String)

    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .anotherProcessIsServing(let path):
            "another process is serving on \(path): stop it, or listen on another path"
        case .notASocket(let path):
            "\(path) exists and is not a socket: move it away, or listen on another path"
        case .directoryMissing(let path, let directory):
            "cannot listen on \(path): the directory \(directory) does not exist; create it first"
        case .pathTooLong(let path):
            "cannot listen on \(path): a socket's path may have at most 107 bytes"
        case .notAListeningUnixSocket(let descriptor):
            "inherited file descriptor \(descriptor) is not a listening Unix stream socket:"
                + " check ListenStream= in the socket unit"
        case .portTaken(let port):
            "another process listens on 127.0.0.1:\(port): take another port, or 0 for one that is free"
        case .system(let call, let path, let code):
            "cannot listen on \(path): \(call): \(errorText(code))"
        case .eventLoop(let reason):
            "cannot listen: \(reason)"
        }
    }
}

/// The C library's text for an errno.
func errorText(_ code: CInt) -> String {
    // glibc's strerror(3) is thread-safe, and its text is copied at once.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
