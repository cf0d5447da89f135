internal import Glibc

/// Finds out, from the end of the log alone, whether it is where the database says it stood.
struct AuditTail {
    struct Found {
        var file: File?
        var mark: AuditLog.Mark
        var endsWithCheckpoint = false
        /// Something follows that is no whole entry.
        var isTorn = false
        /// Why the log does not fit the database.
        var damage: String?
    }

    /// No line is longer.
    static let longestLine = 4_096
    private let directory: StateDirectory
    private let recorded: AuditLog.Mark?

    /// `recorded` is nil for a database that has no state yet, beside which there can be no log.
    init(in directory: StateDirectory, recorded: AuditLog.Mark?) {
        self.directory = directory
        self.recorded = recorded
    }

    func found() throws(SystemCall) -> Found {
        let mark = recorded ?? .none
        var found = Found(file: nil, mark: mark)
        guard let file = try File.ifPresent(AuditLog.name, in: directory.folder, flags: O_RDWR)
        else {
            if mark.end > 0 { found.damage = "it is gone, with \(mark.head.sequence) entries" }
            return found
        }
        found.file = file
        let size = try file.status().size
        guard recorded != nil || size == 0 else {
            found.damage = "it was there before the store was made"
            return found
        }
        guard size >= Int(mark.end) else {
            found.damage =
                "it is cut off: \(size) bytes are left of \(mark.end), up to entry \(mark.head.sequence)"
            return found
        }
        if mark.end > 0 {
            guard let last = try lastEntry(of: file, before: Int(mark.end)), last.head == mark.head
            else {
                found.damage = "entry \(mark.head.sequence) is not the one that was written"
                return found
            }
            found.endsWithCheckpoint = last.kind == AuditAction.Kind.checkpoint.rawValue
        }
        try readAhead(in: file, size: size, into: &found)
        return found
    }

    private func lastEntry(of file: File, before end: Int) throws(SystemCall) -> AuditEntry? {
        let start = max(0, end - Self.longestLine)
        let bytes = try file.read(count: end - start, at: start)
        guard bytes.last == UInt8(ascii: "\n") else { return nil }
        let line = bytes.dropLast().split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false
        ).last
        return line.flatMap { String(validating: $0, as: UTF8.self) }.flatMap(AuditEntry.init)
    }

    /// Takes the entries behind the mark that fit; nothing of what is behind was acknowledged.
    private func readAhead(
        in file: File,
        size: Int,
        into found: inout Found
    ) throws(SystemCall) {
        guard size > Int(found.mark.end) else { return }
        let bytes = try file.read(count: size - Int(found.mark.end), at: Int(found.mark.end))
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            guard let line = String(validating: rest[..<end], as: UTF8.self),
                let entry = AuditEntry(line), entry.sequence == found.mark.head.sequence + 1,
                entry.follows(found.mark.head.hash)
            else { break }
            found.mark = AuditLog.Mark(
                head: entry.head,
                end: found.mark.end + UInt64(end - rest.startIndex + 1)
            )
            found.endsWithCheckpoint = entry.kind == AuditAction.Kind.checkpoint.rawValue
            rest = rest[(end + 1)...]
        }
        found.isTorn = !rest.isEmpty
    }
}
