private import CSystemd
private import Dispatch
private import Glibc
private import Synchronization

/// Writes log entries without ever making their author wait.
///
/// journald's socket and a pipe on stderr both block when their reader is slow, so entries go
/// through a bounded queue to one writing thread, in order. A full queue drops entries and later
/// says how many.
public final class JournalWriter: Sendable {
    /// Where entries go.
    public enum Target: String, Sendable, CaseIterable {
        /// The systemd journal, with structured fields.
        case journal
        /// Standard error, one line an entry.
        case stderr
    }

    /// Where this writer's entries go.
    public let target: Target

    private let capacity: Int
    private let descriptor: CInt
    private let queue = DispatchQueue(label: "prefd.journal", qos: .utility)
    private let waiting = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - target: Where to write; see ``Target/chosen(environment:)``.
    ///   - capacity: How many entries may wait before further ones are dropped.
    public convenience init(target: Target, capacity: Int = 4_096) {
        self.init(target: target, capacity: capacity, descriptor: STDERR_FILENO)
    }

    init(target: Target, capacity: Int, descriptor: CInt) {
        self.target = target
        self.capacity = capacity
        self.descriptor = descriptor
    }

    /// Queues one entry; returns at once.
    public func write(_ fields: [Journal.Field]) {
        guard waiting.add(1, ordering: .relaxed).newValue <= capacity else {
            waiting.subtract(1, ordering: .relaxed)
            dropped.add(1, ordering: .relaxed)
            return
        }
        queue.async { [self] in
            put(fields)
            waiting.subtract(1, ordering: .relaxed)
            reportDropped()
        }
    }

    /// Waits until everything queued so far is written, or the time is up.
    ///
    /// For the end of the process only: it blocks the calling thread.
    ///
    /// - Returns: Whether all of it was written in time.
    @discardableResult
    public func flush(within limit: Duration = .seconds(2)) -> Bool {
        let (seconds, attoseconds) = limit.components
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        return done.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }

    private func put(_ fields: [Journal.Field]) {
        // An entry that the journal refuses (too large, no memory) is not lost with it.
        if target == .journal, Journal.send(fields) { return }
        let line = LogLine.bytes(fields)
        // The bytes are lent for the call. Nobody could be told of a failure.
        _ = unsafe csystemd_write_once(descriptor, line, line.count)
    }

    private func reportDropped() {
        guard dropped.load(ordering: .relaxed) > 0 else { return }
        let count = dropped.exchange(0, ordering: .relaxed)
        put([
            (
                "MESSAGE",
                "\(count) log entries were dropped: the log is read more slowly than it is written."
            ),
            ("PRIORITY", "4"), ("PREFD_DROPPED", String(count)),
        ])
    }
}

extension JournalWriter.Target {
    /// The variable that overrides the choice: `journal` or `stderr`.
    public static let environmentVariable = "PREFD_LOG_TARGET"

    /// The journal where journald listens, else stderr; looks once.
    public static func chosen(environment: [String: String]) -> JournalWriter.Target {
        if let name = environment[environmentVariable], let target = Self(rawValue: name) {
            return target
        }
        return Journal.isListening ? .journal : .stderr
    }
}
