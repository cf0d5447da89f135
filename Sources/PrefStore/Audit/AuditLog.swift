internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// The log of what was decided about people's data: appended to, never changed.
///
/// An entry is on disk before the transaction that it is about commits, and the database keeps, in
/// the same transaction, where the log then stood. So what was acknowledged has its entry, and a log
/// that lacks one, or has another in its place, does not fit the database. After a crash the log can
/// be ahead of the database, never behind: what is ahead was not acknowledged, and the next entry
/// says so.
///
/// A file that is full gets a number behind its name, and the chain goes on in the next.
///
/// Appending is the write queue's alone.
final class AuditLog: Sendable {
    /// What the database remembers of the log.
    struct Mark: Equatable, Sendable {
        var head: AuditHead
        /// Where the head's line ends in the file.
        var end: UInt64

        static let none = Mark(head: .none, end: 0)
    }

    struct Content {
        var file: File?
        var mark: Mark
        /// The numbers of the full files, the oldest first.
        var full: [Int] = []
        /// Entries since the last checkpoint.
        var unsigned: Int
        var lastCheckpoint = ContinuousClock.now
        /// A failed append could not be undone yet, or the last start found a torn one.
        var needsTruncation: Bool
        /// The file was made, and its name may not be on disk yet.
        var needsFolderSync = false
        /// What to say first: that the earlier part was put aside.
        var opening: AuditAction?
    }

    static let name = "audit.log"
    private static let entriesPerCheckpoint = 64
    private static let checkpointInterval = Duration.seconds(3600)

    let signer: AuditSigner
    let directory: StateDirectory
    let limits: StoreLimits
    private let content: Mutex<Content>
    private let onCheckpoint: @Sendable (AuditHead) -> Void
    /// What was wrong with the log when it was opened; nil where nothing was.
    let damage: String?
    /// Whether nothing is entered: for a copy of a store, which is not to have a history of its own.
    private let isDetached: Bool

    /// Opens the log where the database says it stood.
    ///
    /// Reads only its end. One that does not fit is put aside, untouched, and a new one goes on.
    ///
    /// - Throws: ``StoreError/directoryUnusable(path:reason:)``.
    init(
        in directory: StateDirectory,
        recorded: Mark?,
        signer: AuditSigner,
        limits: StoreLimits,
        onCheckpoint: @escaping @Sendable (AuditHead) -> Void
    ) throws(StoreError) {
        self.directory = directory
        self.signer = signer
        self.limits = limits
        self.onCheckpoint = onCheckpoint
        isDetached = false
        let mark = recorded ?? .none
        do throws(SystemCall) {
            let found = try AuditTail(in: directory, recorded: recorded).found()
            damage = found.damage
            if found.damage == nil {
                content = Mutex(
                    Content(
                        file: found.file,
                        mark: found.mark,
                        full: found.full,
                        unsigned: found.endsWithCheckpoint ? 0 : 1,
                        needsTruncation: found.isTorn
                    )
                )
            } else {
                try Self.putAside(in: directory)
                content = Mutex(
                    Content(
                        file: nil,
                        mark: Mark(head: mark.head, end: 0),
                        unsigned: 1,
                        needsTruncation: false,
                        opening: mark == .none
                            ? nil : AuditAction(.broken, ["after": mark.head.spelling])
                    )
                )
            }
        } catch {
            throw .directoryUnusable(path: directory.path + "/" + Self.name, reason: error.reason)
        }
    }

    /// Stands for the log of a store that is a copy: leaves the file alone, and enters nothing.
    init(detachedFrom directory: StateDirectory, recorded: Mark?, signer: AuditSigner) {
        self.directory = directory
        self.signer = signer
        limits = StoreLimits()
        onCheckpoint = { _ in }
        isDetached = true
        damage = nil
        content = Mutex(
            Content(file: nil, mark: recorded ?? .none, unsigned: 0, needsTruncation: false)
        )
    }

    /// Where the log stands.
    var mark: Mark { content.withLock { $0.mark } }

    /// Whether there is something that no checkpoint covers yet.
    var wantsCheckpoint: Bool { content.withLock { $0.mark.head.sequence > 0 && $0.unsigned > 0 } }

    /// Appends entries and syncs them; on failure the log is as before.
    ///
    /// `recorded` is where the database's last commit says that the log stands.
    func append(
        _ actions: [AuditAction],
        recorded: Mark,
        at time: Date,
        signing: Bool = false
    ) throws -> Mark {
        if isDetached { return recorded }
        let (mark, signed) = try content.withLock { content in
            beginNextFileIfDue(&content)
            let file = try settle(&content)
            var all: [AuditAction] = []
            let isFirst = content.mark.end == 0 && !content.full.isEmpty
            if isFirst { all.append(continuation(content)) }
            if let opening = content.opening {
                all.append(opening)
            } else if content.mark.head.sequence > recorded.head.sequence {
                all.append(
                    AuditAction(
                        .gap,
                        [
                            "from": String(recorded.head.sequence + 1),
                            "to": String(content.mark.head.sequence),
                        ]
                    )
                )
            }
            all += actions
            var (text, head) = ("", content.mark.head)
            for action in all {
                let (line, next) = AuditEntry.line(action, after: head, at: time)
                text += line
                head = next
            }
            var signed: AuditHead?
            let isFull = Int(content.mark.end) + text.utf8.count >= limits.auditBytes
            if signing || isFull || isCheckpointDue(content, adding: all) {
                let checkpoint = try signer.checkpoint(of: head)
                let (line, next) = AuditEntry.line(checkpoint, after: head, at: time)
                signed = head
                text += line
                head = next
            }
            do throws(SystemCall) {
                try file.write(Array(text.utf8), at: Int(content.mark.end))
                try file.sync()
            } catch {
                content.needsTruncation = true
                do { _ = try settle(&content) } catch {}
                throw Keyring.WriteFailure.log(error)
            }
            content.mark = Mark(head: head, end: content.mark.end + UInt64(text.utf8.count))
            content.opening = nil
            content.unsigned = signed == nil ? content.unsigned + all.count : 0
            if signed != nil { content.lastCheckpoint = .now }
            if isFirst { letGo(&content) }
            return (content.mark, signed)
        }
        if let signed { onCheckpoint(signed) }
        return mark
    }

    /// Cuts off what a crash or a failed append left behind the last whole entry.
    ///
    /// Best effort: where it fails, it is tried again before the next append.
    func mend() {
        content.withLock { content in
            guard content.needsTruncation else { return }
            do { _ = try settle(&content) } catch {}
        }
    }

    private func isCheckpointDue(_ content: Content, adding actions: [AuditAction]) -> Bool {
        content.unsigned + actions.count >= Self.entriesPerCheckpoint
            || ContinuousClock.now - content.lastCheckpoint > Self.checkpointInterval
            || actions.contains { ![.consentGranted, .consentWithdrawn].contains($0.kind) }
    }

    /// The file, made where there is none, without what a failed append left.
    private func settle(_ content: inout Content) throws -> File {
        do throws(SystemCall) {
            let file: File
            if let open = content.file {
                file = open
            } else {
                file = try File(Self.name, in: directory.folder, flags: O_RDWR | O_CREAT | O_EXCL)
                content.file = file
                content.needsFolderSync = true
            }
            if content.needsFolderSync {
                try directory.folder.sync()
                content.needsFolderSync = false
            }
            if content.needsTruncation {
                try file.truncate(to: Int(content.mark.end))
                try file.sync()
                content.needsTruncation = false
            }
            return file
        } catch {
            throw Keyring.WriteFailure.log(error)
        }
    }
}
