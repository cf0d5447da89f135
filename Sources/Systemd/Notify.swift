private import CSystemd
private import Glibc

/// What a service tells its manager about itself, in the order of its life.
///
/// Without a manager (`$NOTIFY_SOCKET` unset: started by hand, in a test) every call does nothing.
/// A notification that cannot be delivered is not an error to anyone who could act on it, so none
/// is reported; the manager's own timeouts notice.
///
/// Source: sd_notify(3), sd_watchdog_enabled(3).
public struct Notify: Sendable {
    /// How often the manager wants to hear ``watchdog()``, or nil where it does not watch.
    ///
    /// The manager acts when this has passed in silence: ping at half of it.
    public let watchdogInterval: Duration?

    /// Reads what the manager asks of this process from the environment.
    public init() {
        let interval = csystemd_watchdog_usec()
        watchdogInterval = interval == 0 ? nil : .microseconds(Int64(clamping: interval))
    }

    /// Start-up, or a reload, is finished.
    public func ready(status: String? = nil) {
        send(["READY=1"], status: status)
    }

    /// A reload begins; ``ready(status:)`` ends it.
    ///
    /// The time is what `Type=notify-reload` (systemd 253 and later) matches a reload by.
    public func reloading(status: String? = nil) {
        send(["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"], status: status)
    }

    /// The service is stopping.
    public func stopping(status: String? = nil) {
        send(["STOPPING=1"], status: status)
    }

    /// One line for `systemctl status`.
    public func status(_ text: String) {
        send([], status: text)
    }

    /// The service is alive.
    public func watchdog() {
        send(["WATCHDOG=1"], status: nil)
    }

    private func send(_ assignments: [String], status: String?) {
        var lines = assignments
        if let status {
            // A line break in the text would begin another assignment.
            lines.append("STATUS=" + String(status.map { $0.isNewline || $0 == "\0" ? " " : $0 }))
        }
        // The C function copies nothing and keeps nothing of the string it is lent.
        _ = unsafe csystemd_notify(lines.joined(separator: "\n"))
    }

    private static func monotonicMicroseconds() -> Int64 {
        var time = timespec()
        // Fills the struct that it is lent.
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
