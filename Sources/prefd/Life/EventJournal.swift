import PrefConfig
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

    func record(_ event: Event) {
        guard event.priority.rawValue <= level.load(ordering: .relaxed) else { return }
        // Of requests that went well there are many, and they can wait for one another.
        let matters = event.priority.rawValue <= Event.Priority.notice.rawValue
        writer.write(event.fields, atOnce: matters)
    }

    /// Waits a moment for what is queued, at the end of the process.
    func flush() { writer.flush() }
}
