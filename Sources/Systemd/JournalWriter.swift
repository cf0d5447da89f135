private import CSystemd
private import Dispatch
private import Glibc
private import Synchronization

/// Writes log entries without ever making their author wait.
///
/// journald's socket and a pipe on stderr both block when their reader is slow, so entries go
/// through a bounded queue to one writing thread, in order. That thread is woken once for all that
/// comes within a few milliseconds: waking it for each entry would cost more than writing it. A
/// full queue drops entries and later says how many.
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

    /// An entry, whose fields are put together by the thread that writes it.
    private typealias Entry = @Sendable () -> [Journal.Field]

    private struct Waiting {
        var entries: [Entry] = []
        var dropped = 0
        var isScheduled = false
    }

    /// How long entries are gathered for.
    private static let gathering = DispatchTimeInterval.milliseconds(10)

    private let capacity: Int
    private let descriptor: CInt
    private let queue = DispatchQueue(label: "prefd.journal", qos: .utility)
    private let waiting = Mutex(Waiting())

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
    ///
    /// `fields` is worked out when the entry is written, on another thread: within milliseconds, or
    /// with no delay where `atOnce` says that it matters.
    public func write(
        _ fields: @autoclosure @escaping @Sendable () -> [Journal.Field],
        atOnce: Bool = false
    ) {
        let isFirst = waiting.withLock { waiting in
            guard waiting.entries.count < capacity else {
                waiting.dropped += 1
                return false
            }
            waiting.entries.append(fields)
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        if atOnce {
            queue.async { self.drain() }
        } else if isFirst {
            queue.asyncAfter(deadline: .now() + Self.gathering) { self.drain() }
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
        queue.async {
            self.drain()
            done.signal()
        }
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        return done.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }

    /// Writes everything that waits; runs on the queue alone.
    private func drain() {
        let taken = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting
        }
        var lines: [UInt8] = []
        for entry in taken.entries { put(entry(), &lines) }
        if taken.dropped > 0 { put(Self.report(dropped: taken.dropped), &lines) }
        write(&lines)
    }

    private func put(_ fields: [Journal.Field], _ lines: inout [UInt8]) {
        // An entry that the journal refuses (too large, no memory) is not lost with it.
        if target == .journal, Journal.send(fields) { return }
        let line = LogLine.bytes(fields)
        if lines.count + line.count > LogLine.maxBytes { write(&lines) }
        lines += line
    }

    /// Writes whole lines at once, no more than go into a pipe unmixed with another's.
    private func write(_ lines: inout [UInt8]) {
        guard !lines.isEmpty else { return }
        // The bytes are lent for the call. Nobody could be told of a failure.
        _ = unsafe csystemd_write_once(descriptor, lines, lines.count)
        lines.removeAll(keepingCapacity: true)
    }

    private static func report(dropped count: Int) -> [Journal.Field] {
        [
            (
                "MESSAGE",
                "\(count) log entries were dropped: the log is read more slowly than it is written."
            ),
            ("PRIORITY", "4"), ("PREFD_DROPPED", String(count)),
        ]
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
