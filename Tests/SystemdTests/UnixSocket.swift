import Glibc

/// A Unix socket bound to a path of its own, for tests.
final class UnixSocket {
    let descriptor: CInt
    let path: String

    /// Binds a socket of a type (`SOCK_DGRAM`, `SOCK_STREAM`) below the temporary directory.
    init?(_ type: __socket_type, listens: Bool = false) {
        path = "/tmp/prefd-test-\(getpid())-\(UInt64.random(in: 0 ... .max)).sock"
        descriptor = socket(AF_UNIX, CInt(type.rawValue), 0)
        guard descriptor >= 0, Self.bind(descriptor, to: path) else { return nil }
        if listens, listen(descriptor, 8) != 0 { return nil }
    }

    /// What was received within a second, or nil.
    func receive() -> String? {
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        // The option is lent for the call, with its own size.
        _ = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &timeout,
            socklen_t(MemoryLayout<timeval>.size)
        )
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // The buffer is lent for the call, with its own size.
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    deinit {
        close(descriptor)
        // The path is lent for the call.
        _ = unsafe unlink(path)
    }

    private static func bind(_ descriptor: CInt, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // Within sun_path: the path is checked to be shorter, and the struct was zeroed.
        return unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            unsafe room.copyBytes(from: bytes)
            return true
        }
            && withUnsafePointer(to: &address) { pointer in
                // sockaddr_un is one of the shapes that bind takes through sockaddr.
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe Glibc.bind(
                        descriptor,
                        generic,
                        socklen_t(MemoryLayout<sockaddr_un>.size)
                    ) == 0
                }
            }
    }
}

/// Sets variables of this process's environment: only for exit tests, which are alone in theirs.
func setEnvironment(_ variables: [String: String?]) {
    for (name, value) in variables {
        if let value {
            // The strings are copied; no other thread of an exit test reads the environment.
            _ = unsafe setenv(name, value, 1)
        } else {
            // As above.
            _ = unsafe unsetenv(name)
        }
    }
}
