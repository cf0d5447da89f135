/// Reads a log from its first byte to its last, and finds whatever is not as it was written.
struct AuditVerification {
    let signer: AuditSigner
    /// Where the log stands, as far as prefd knows.
    let mark: AuditLog.Mark
    /// Where it stood once, as somebody noted down elsewhere.
    var checkpoint: AuditHead?
    /// An entry to look for, by its receipt.
    var receipt: String?

    /// `files` are those of the log, the oldest first; `size` is all that there is of the last one, of which
    /// what is behind the mark is not read.
    func run(_ files: [(name: String, bytes: () throws(StoreError) -> [UInt8])], size: Int)
        throws(StoreError) -> (report: AuditReport, receiptEntry: UInt64?)
    {
        var report = AuditReport(publicKey: signer.publicKey)
        var walk = Walk()
        for (name, bytes) in files {
            walk.file = name
            walk.line = 0
            read(try bytes(), &walk, &report)
        }
        finish(walk, size: size, &report)
        return (report, walk.receiptEntry)
    }

    private func read(_ bytes: [UInt8], _ walk: inout Walk, _ report: inout AuditReport) {
        var rest = bytes[...]
        while !rest.isEmpty {
            walk.line += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let line = rest[..<(end ?? rest.endIndex)]
            rest = end.map { rest[($0 + 1)...] } ?? []
            guard end != nil, let text = String(validating: line, as: UTF8.self),
                let entry = AuditEntry(text)
            else {
                report.add("this line is no entry", at: walk)
                continue
            }
            check(entry, &walk, &report)
        }
    }

    /// How far the log was read.
    struct Walk {
        fileprivate(set) var file = AuditLog.name
        fileprivate(set) var line = 0
        fileprivate var head = AuditHead.none
        /// The first entry that was not let go.
        fileprivate var oldest: UInt64 = 1
        fileprivate var sawMark = false
        fileprivate var sawCheckpoint = false
        fileprivate var receiptEntry: UInt64?
    }

    private func check(_ entry: AuditEntry, _ walk: inout Walk, _ report: inout AuditReport) {
        if report.entries == 0, let after = continued(entry) {
            walk.head = after
            report.first = entry.sequence
        }
        let expected = walk.head.sequence + 1
        if walk.head == .none, entry.kind == AuditAction.Kind.broken.rawValue,
            let after = entry.detail("after").flatMap(AuditHead.init(spelling:))
        {
            report.add(
                "entries 1 to \(after.sequence) are missing: the log was found damaged at a start, and "
                    + "put aside",
                at: walk
            )
            walk.head = after
        } else if entry.sequence > expected {
            report.add(missing(expected, entry.sequence - 1), at: walk)
        } else if entry.sequence < expected {
            report.add(
                "entry \(entry.sequence) stands where \(expected) belongs: entries were moved or repeated",
                at: walk
            )
        }
        let isNext = entry.sequence == walk.head.sequence + 1
        if isNext, !entry.follows(walk.head.hash) {
            report.add("entry \(entry.sequence) was changed, or the one before it", at: walk)
        }
        if entry.kind == AuditAction.Kind.checkpoint.rawValue, isNext {
            if signer.verifies(entry, of: walk.head) {
                report.checkpoint = walk.head.spelling
            } else {
                report.add(
                    "checkpoint \(entry.sequence) is not signed by this store, or not of what is before it",
                    at: walk
                )
            }
        }
        if continued(entry) != nil, let oldest = entry.detail("from").flatMap(UInt64.init) {
            walk.oldest = oldest
        }
        walk.head = entry.head
        report.entries += 1
        if let receipt, entry.detail("receipt") == receipt { walk.receiptEntry = entry.sequence }
        if let checkpoint, entry.sequence == checkpoint.sequence {
            walk.sawCheckpoint = true
            if entry.head != checkpoint {
                report.add(
                    "entry \(entry.sequence) is not the one that the checkpoint was made of: the log "
                        + "was replaced",
                    at: walk
                )
            }
        }
        if entry.sequence == mark.head.sequence {
            walk.sawMark = true
            if entry.head != mark.head {
                report.add(
                    "entry \(entry.sequence) is not the one that prefd wrote: the log was replaced",
                    at: walk
                )
            }
        }
    }

    /// What a file that goes on from another one goes on from.
    private func continued(_ entry: AuditEntry) -> AuditHead? {
        guard entry.kind == AuditAction.Kind.continued.rawValue else { return nil }
        return entry.detail("after").flatMap(AuditHead.init(spelling:))
    }

    private func finish(_ walk: Walk, size: Int, _ report: inout AuditReport) {
        report.head = walk.head.spelling
        if report.first > walk.oldest {
            report.add(missing(walk.oldest, report.first - 1) + ": prefd has not let them go")
        }
        if walk.head.sequence < mark.head.sequence {
            report.add(
                "it ends with entry \(walk.head.sequence): \(missing(walk.head.sequence + 1, mark.head.sequence))"
            )
        } else if !walk.sawMark, mark.head.sequence > 0 {
            report.add("entry \(mark.head.sequence), the last that prefd wrote, is missing")
        }
        if walk.head.sequence > mark.head.sequence || size > Int(mark.end) {
            report.add("there is more behind entry \(mark.head.sequence) than prefd wrote")
        }
        if let checkpoint, checkpoint.sequence > 0, checkpoint.sequence < report.first {
            report.add(
                "the checkpoint is of entry \(checkpoint.sequence), which was let go since: it says "
                    + "nothing of what is left"
            )
        } else if let checkpoint, checkpoint.sequence > 0, !walk.sawCheckpoint {
            report.add(
                "the checkpoint is of entry \(checkpoint.sequence), which is not there: the log was "
                    + "replaced by an older one, or cut off"
            )
        }
    }

    private func missing(_ first: UInt64, _ last: UInt64) -> String {
        first == last ? "entry \(first) is missing" : "entries \(first) to \(last) are missing"
    }
}
