import Glibc
import NIOCore

/// A listening Unix socket, and the file that stands for it where this process made it.
struct ListeningSocket: Sendable {
    let descriptor: CInt
    private let ownFile: SocketFile?

    /// The TCP port that is listened on; nil where the socket is a Unix socket.
    var port: Int? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // getsockname(2) writes no more than `length` bytes, and the address may be seen as one of any family.
        let failed = unsafe withUnsafeMutablePointer(to: &address) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard failed == 0, address.ss_family == sa_family_t(AF_INET) else { return nil }
        // The port follows the family, in network order.
        return unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe Int(bytes[2]) << 8 | Int(bytes[3])
        }
    }

    /// The most connections that may wait to be accepted; the kernel caps it at `somaxconn`.
    ///
    /// A non-blocking client is refused (EAGAIN) when the queue is full, so it is generous.
    static let backlog: CInt = 4096

    /// Creates, or takes over, the socket of an address.
    static func open(_ address: ListenAddress) throws(ListenError) -> ListeningSocket {
        switch address {
        case .path(let path, let mode): try create(at: path, mode: mode)
        case .inherited(let descriptor): try adopt(descriptor)
        case .loopback(let port): try bindLoopback(port)
        }
    }

    private static func bindLoopback(_ port: UInt16) throws(ListenError) -> ListeningSocket {
        let place = "127.0.0.1:\(port)"
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw .system(call: "socket", path: place, errno: errno) }
        var reuse: CInt = 1
        // setsockopt(2) reads the one number that it is given.
        _ = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_REUSEADDR,
            &reuse,
            socklen_t(MemoryLayout<CInt>.size)
        )
        // Whose fields sockaddr_in has, Glibc's or a C module of NIO's, depends on what is compiled together.
        guard let address = try? SocketAddress(ipAddress: "127.0.0.1", port: Int(port)) else {
            Glibc.close(descriptor)
            throw .system(call: "bind", path: place, errno: EINVAL)
        }
        // bind(2) reads the address, which is lent for the call.
        let bound = unsafe address.withSockAddr { pointer, size in
            unsafe Glibc.bind(descriptor, pointer, socklen_t(size))
        }
        guard bound == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            if code == EADDRINUSE { throw .portTaken(port) }
            throw .system(call: "bind", path: place, errno: code)
        }
        return ListeningSocket(descriptor: descriptor, ownFile: nil)
    }

    /// Removes the socket's file, if this process made it and it has not been replaced since.
    func removeOwnFile() {
        guard let ownFile, SocketFile(at: ownFile.path) == ownFile else { return }
        unsafe unlink(ownFile.path)
    }

    private static func adopt(_ descriptor: CInt) throws(ListenError) -> ListeningSocket {
        guard option(SO_DOMAIN, of: descriptor) == AF_UNIX,
            option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue),
            option(SO_ACCEPTCONN, of: descriptor) == 1
        else { throw .notAListeningUnixSocket(fileDescriptor: descriptor) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // Whoever made it may have been content with a shorter line.
        _ = Glibc.listen(descriptor, backlog)
        return ListeningSocket(descriptor: descriptor, ownFile: nil)
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        // getsockopt(2) writes no more than `length` bytes into `value`.
        let failed = unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &length)
        return failed == 0 ? value : nil
    }

    private static func create(
        at path: String,
        mode: mode_t
    ) throws(ListenError) -> ListeningSocket {
        let address: SocketAddress
        do {
            address = try SocketAddress(unixDomainSocketPath: path)
        } catch {
            throw .pathTooLong(path: path)
        }
        let lock = try DirectoryLock(forSocketAt: path)
        defer { lock.release() }
        try clear(path, address)

        let descriptor = try newSocket(path)
        do throws(ListenError) {
            guard
                unsafe address.withSockAddr({ unsafe Glibc.bind(descriptor, $0, socklen_t($1)) })
                    == 0
            else { throw .system(call: "bind", path: path, errno: errno) }
            // Nobody can connect before listen(2), so the moment between bind(2), which obeys the
            // umask, and chmod(2) exposes nothing.
            guard unsafe chmod(path, mode) == 0, let file = SocketFile(at: path) else {
                let code = errno
                unsafe unlink(path)
                throw .system(call: "chmod", path: path, errno: code)
            }
            guard Glibc.listen(descriptor, backlog) == 0 else {
                let code = errno
                unsafe unlink(path)
                throw .system(call: "listen", path: path, errno: code)
            }
            return ListeningSocket(descriptor: descriptor, ownFile: file)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Removes what an earlier process left behind, and nothing else.
    private static func clear(_ path: String, _ address: SocketAddress) throws(ListenError) {
        var information = stat()
        // lstat(2) fills in the one structure that it is given.
        guard unsafe lstat(path, &information) == 0 else {
            guard errno == ENOENT else { throw .system(call: "lstat", path: path, errno: errno) }
            return
        }
        guard information.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }

        let probe = try newSocket(path)
        defer { Glibc.close(probe) }
        let connected = unsafe address.withSockAddr {
            unsafe Glibc.connect(probe, $0, socklen_t($1)) == 0 ? 0 : errno
        }
        switch connected {
        // EAGAIN: the socket listens, and its queue is full.
        case 0, EAGAIN: throw .anotherProcessIsServing(path: path)
        case ECONNREFUSED:
            guard unsafe unlink(path) == 0 || errno == ENOENT else {
                throw .system(call: "unlink", path: path, errno: errno)
            }
        case ENOENT: break
        default: throw .system(call: "connect", path: path, errno: connected)
        }
    }

    private static func newSocket(_ path: String) throws(ListenError) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
        return descriptor
    }
}

/// A socket's file by its identity, not only its name.
private struct SocketFile: Sendable, Equatable {
    let path: String
    let device: dev_t
    let inode: ino_t

    init?(at path: String) {
        var information = stat()
        // lstat(2) fills in the one structure that it is given.
        guard unsafe lstat(path, &information) == 0 else { return nil }
        self.path = path
        device = information.st_dev
        inode = information.st_ino
    }
}

/// Keeps two starting processes from both replacing the same stale socket.
///
/// Each would find it dead, and the second would remove the first one's new one. The lock is on
/// the directory, so that no lock file stays behind.
private struct DirectoryLock {
    private let descriptor: CInt

    init(forSocketAt path: String) throws(ListenError) {
        var directory = "."
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
            directory = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        descriptor = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 {
            switch errno {
            case ENOENT, ENOTDIR: throw .directoryMissing(path: path, directory: directory)
            // A directory that may be entered but not listed: go on without the lock.
            case EACCES: return
            default: throw .system(call: "open", path: directory, errno: errno)
            }
        }
        _ = flock(descriptor, LOCK_EX)
    }

    func release() {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }
}
