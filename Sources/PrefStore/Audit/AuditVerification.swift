/// Reads a log from its first byte to its last, and finds whatever is not as it was written.
struct AuditVerification {
    let signer: AuditSigner
    /// Where the log stands, as far as prefd knows.
    let mark: AuditLog.Mark
    /// Where it stood once, as somebody noted down elsewhere.
    var checkpoint: AuditHead?
    /// An entry to look for, by its receipt.
    var receipt: String?

    /// `bytes` are those of the file up to the mark's end; `size` is all that there is.
    func run(_ bytes: [UInt8], size: Int) -> (report: AuditReport, receiptEntry: UInt64?) {
        var report = AuditReport(publicKey: signer.publicKey)
        var walk = Walk()
        var rest = bytes[...]
        while !rest.isEmpty {
            walk.line += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let line = rest[..<(end ?? rest.endIndex)]
            rest = end.map { rest[($0 + 1)...] } ?? []
            guard end != nil, let text = String(validating: line, as: UTF8.self),
                let entry = AuditEntry(text)
            else {
                report.add("this line is no entry", line: walk.line)
                continue
            }
            check(entry, &walk, &report)
        }
        finish(walk, size: size, &report)
        return (report, walk.receiptEntry)
    }

    private struct Walk {
        var line = 0
        var head = AuditHead.none
        var sawCheckpoint = false
        var sawMark = false
        var receiptEntry: UInt64?
    }

    private func check(_ entry: AuditEntry, _ walk: inout Walk, _ report: inout AuditReport) {
        let expected = walk.head.sequence + 1
        if walk.head == .none, entry.kind == AuditAction.Kind.broken.rawValue,
            let after = entry.detail("after").flatMap(AuditHead.init(spelling:))
        {
            report.add(
                "entries 1 to \(after.sequence) are missing: the log was found damaged at a start, and "
                    + "put aside",
                line: walk.line
            )
            walk.head = after
        } else if entry.sequence > expected {
            report.add(missing(expected, entry.sequence - 1), line: walk.line)
        } else if entry.sequence < expected {
            report.add(
                "entry \(entry.sequence) stands where \(expected) belongs: entries were moved or repeated",
                line: walk.line
            )
        }
        let isNext = entry.sequence == walk.head.sequence + 1
        if isNext, !entry.follows(walk.head.hash) {
            report.add("entry \(entry.sequence) was changed, or the one before it", line: walk.line)
        }
        if entry.kind == AuditAction.Kind.checkpoint.rawValue, isNext {
            if signer.verifies(entry, of: walk.head) {
                report.checkpoint = walk.head.spelling
            } else {
                report.add(
                    "checkpoint \(entry.sequence) is not signed by this store, or not of what is before it",
                    line: walk.line
                )
            }
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
                    line: walk.line
                )
            }
        }
        if entry.sequence == mark.head.sequence {
            walk.sawMark = true
            if entry.head != mark.head {
                report.add(
                    "entry \(entry.sequence) is not the one that prefd wrote: the log was replaced",
                    line: walk.line
                )
            }
        }
    }

    private func finish(_ walk: Walk, size: Int, _ report: inout AuditReport) {
        report.head = walk.head.spelling
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
        if let checkpoint, checkpoint.sequence > 0, !walk.sawCheckpoint {
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
