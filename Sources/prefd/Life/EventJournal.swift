import PrefConfig
import PrefControl
import PrefModel
import Synchronization
import Systemd

/// Writes events to the journal, or to stderr where there is none.
final class EventJournal: EventSink {
    private let writer: JournalWriter
    private let level: Atomic<Int>

    init(_ writer: JournalWriter, level: Configuration.LogLevel) {
        self.writer = writer
        self.level = Atomic(level.priority)
    }

    /// Takes another level from now on.
    func set(level: Configuration.LogLevel) { self.level.store(level.priority, ordering: .relaxed) }

    /// Whether events go to the systemd journal, and not to standard error.
    var writesToJournal: Bool { writer.target == .journal }

    /// The level in force.
    var current: LogLevel {
        let priority = level.load(ordering: .relaxed)
        return LogLevel.allCases.first { Configuration.LogLevel($0).priority == priority } ?? .info
    }

    func record(_ event: Event) {
        guard event.priority.rawValue <= level.load(ordering: .relaxed) else { return }
        // Of requests that went well there are many, and they can wait for one another.
        let matters = event.priority.rawValue <= Event.Priority.notice.rawValue
        writer.write(event.fields, atOnce: matters)
    }

    /// Waits a moment for what is queued, at the end of the process.
    func flush() { writer.flush() }
}

extension Configuration.LogLevel {
    /// The level that the API spells the same.
    init(_ level: LogLevel) {
        self = Configuration.LogLevel(rawValue: level.rawValue) ?? .info
    }
}
