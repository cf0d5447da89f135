import Glibc
import Testing

@testable import Systemd

/// libsystemd reads the environment, which is one for the whole process: each test has a process of
/// its own.
@Suite("Notifications to the service manager")
struct NotifyTests {
    @Test("carry each state of a service's life")
    func states() async {
        await #expect(processExitsWith: .success) {
            let manager = try #require(UnixSocket(SOCK_DGRAM))
            setEnvironment(["NOTIFY_SOCKET": manager.path])
            let notify = Notify()
            notify.ready()
            #expect(manager.receive() == "READY=1")
            notify.ready(status: "Serving on 2 sockets")
            #expect(manager.receive() == "READY=1\nSTATUS=Serving on 2 sockets")
            notify.stopping(status: "Draining")
            #expect(manager.receive() == "STOPPING=1\nSTATUS=Draining")
            notify.status("Idle")
            #expect(manager.receive() == "STATUS=Idle")
            notify.watchdog()
            #expect(manager.receive() == "WATCHDOG=1")
        }
    }

    @Test("of a reload say when it began, by the monotonic clock")
    func reloading() async {
        await #expect(processExitsWith: .success) {
            let manager = try #require(UnixSocket(SOCK_DGRAM))
            setEnvironment(["NOTIFY_SOCKET": manager.path])
            var before = timespec()
            // Fills the struct that it is lent.
            _ = unsafe clock_gettime(CLOCK_MONOTONIC, &before)
            Notify().reloading()
            let lines = try #require(manager.receive()).split(separator: "\n")
            #expect(lines.first == "RELOADING=1")
            let stamp = try #require(
                lines.last.flatMap { Int64($0.dropFirst("MONOTONIC_USEC=".count)) }
            )
            let earliest = Int64(before.tv_sec) * 1_000_000 + Int64(before.tv_nsec) / 1_000
            #expect((earliest...earliest + 10_000_000).contains(stamp))
        }
    }

    @Test("cannot be forged by a line break in a status")
    func statusIsOneLine() async {
        await #expect(processExitsWith: .success) {
            let manager = try #require(UnixSocket(SOCK_DGRAM))
            setEnvironment(["NOTIFY_SOCKET": manager.path])
            Notify().status("a\nMAINPID=1\r\nb\0c")
            #expect(manager.receive() == "STATUS=a MAINPID=1 b c")
        }
    }

    @Test("do nothing, and harm nothing, without a manager")
    func noManager() async {
        await #expect(processExitsWith: .success) {
            setEnvironment(["NOTIFY_SOCKET": nil, "WATCHDOG_USEC": nil])
            let notify = Notify()
            notify.ready()
            notify.watchdog()
            #expect(notify.watchdogInterval == nil)
            setEnvironment(["NOTIFY_SOCKET": "/nonexistent/notify"])
            notify.ready()
        }
    }

    @Test("know the watchdog's interval, where it is meant for this process")
    func watchdog() async {
        await #expect(processExitsWith: .success) {
            setEnvironment(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": String(getpid())])
            #expect(Notify().watchdogInterval == .seconds(30))
            setEnvironment(["WATCHDOG_PID": "1"])
            #expect(Notify().watchdogInterval == nil)
        }
    }
}
