import Glibc
import Testing

@testable import Systemd

/// Each test has a process of its own, whose descriptors from 3 on it may take.
@Suite("Sockets from the service manager")
struct ListenFDsTests {
    /// Passes descriptors to this process as a service manager would, from 3 on.
    ///
    /// What stood there before, such as the testing library's pipe, is overwritten: afterwards a
    /// test can only speak by its exit status.
    private static func pass(_ descriptors: [CInt], names: String?, pid: pid_t = getpid()) {
        // Out of the way first, so that no descriptor is overwritten before it is passed.
        let aside = descriptors.map { fcntlDuplicate($0, from: 50) }
        for (position, descriptor) in aside.enumerated() {
            dup2(descriptor, 3 + CInt(position))
            close(descriptor)
        }
        setEnvironment([
            "LISTEN_PID": String(pid), "LISTEN_FDS": String(descriptors.count),
            "LISTEN_FDNAMES": names,
        ])
    }

    private static func fcntlDuplicate(_ descriptor: CInt, from lowest: CInt) -> CInt {
        fcntl(descriptor, F_DUPFD, lowest)
    }

    /// The error that the sockets are refused with, or nil.
    private static func refusal() -> ListenFDsError? {
        do {
            _ = try ListenFDs.named()
            return nil
        } catch {
            return error
        }
    }

    /// Ends the process by whether `holds` did, tried a few times: the testing library's own threads
    /// may still close a descriptor whose number was taken over.
    private static func finish(_ holds: () throws -> Bool) -> Never {
        for _ in 0..<20 {
            if (try? holds()) == true { exit(EXIT_SUCCESS) }
            usleep(10_000)
        }
        exit(EXIT_FAILURE)
    }

    @Test("are found by name, closed on exec, and taken from the environment")
    func named() async {
        await #expect(processExitsWith: .success) {
            let data = try #require(UnixSocket(SOCK_STREAM, listens: true))
            let admin = try #require(UnixSocket(SOCK_STREAM, listens: true))
            Self.finish {
                Self.pass([data.descriptor, admin.descriptor], names: "data:admin")
                let sockets = try ListenFDs.named()
                let closesOnExec = [CInt(3), 4].allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 }
                // Only compared with NULL.
                let cleared =
                    unsafe getenv("LISTEN_PID") == nil && getenv("LISTEN_FDS") == nil
                    && getenv("LISTEN_FDNAMES") == nil
                let again = try ListenFDs.named()
                return sockets == ["data": 3, "admin": 4] && closesOnExec && cleared
                    && again.isEmpty
            }
        }
    }

    @Test("meant for another process are left alone")
    func otherProcess() async {
        await #expect(processExitsWith: .success) {
            setEnvironment(["LISTEN_PID": "1", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "data:admin"])
            let foreign = try ListenFDs.named()
            #expect(foreign.isEmpty)
            setEnvironment(["LISTEN_PID": nil, "LISTEN_FDS": nil, "LISTEN_FDNAMES": nil])
            let none = try ListenFDs.named()
            #expect(none.isEmpty)
        }
    }

    @Test("that do not listen are refused by name")
    func notListening() async {
        await #expect(processExitsWith: .success) {
            let data = try #require(UnixSocket(SOCK_STREAM))
            Self.finish {
                Self.pass([data.descriptor], names: "data")
                return Self.refusal() == .notAListeningUnixSocket(name: "data", descriptor: 3)
            }
        }
    }

    @Test("that are datagram sockets are refused")
    func datagram() async {
        await #expect(processExitsWith: .success) {
            let data = try #require(UnixSocket(SOCK_DGRAM))
            Self.finish {
                Self.pass([data.descriptor], names: "data")
                return Self.refusal() == .notAListeningUnixSocket(name: "data", descriptor: 3)
            }
        }
    }

    @Test("of one name are refused")
    func duplicateName() async {
        await #expect(processExitsWith: .success) {
            let one = try #require(UnixSocket(SOCK_STREAM, listens: true))
            let other = try #require(UnixSocket(SOCK_STREAM, listens: true))
            Self.finish {
                Self.pass([one.descriptor, other.descriptor], names: "data:data")
                return Self.refusal() == .duplicateName("data")
            }
        }
    }

    @Test("that were announced and are not there are refused")
    func missing() async {
        await #expect(processExitsWith: .success) {
            setEnvironment([
                "LISTEN_PID": String(getpid()), "LISTEN_FDS": "1000000", "LISTEN_FDNAMES": "data",
            ])
            #expect(Self.refusal() == .unreadable(errno: EBADF))
        }
    }
}
