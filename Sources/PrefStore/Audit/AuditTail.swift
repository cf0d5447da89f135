internal import Glibc

/// Finds out, from the end of the log alone, whether it is where the database says it stood.
struct AuditTail {
    struct Found {
        /// The file that is written; nil where it is still to be made.
        var file: File?
        var mark: AuditLog.Mark
        /// The numbers of the full files.
        var full: [Int]
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
        let full = try AuditLog.full(in: directory.path)
        let names = full.map(AuditLog.fileName) + [AuditLog.name]
        var found = Found(file: nil, mark: recorded ?? .none, full: full)
        guard recorded != nil else {
            let size = try size(of: AuditLog.name)
            if size > 0 || !full.isEmpty { found.damage = "it was there before the store was made" }
            found.file = try open(AuditLog.name)
            return found
        }
        // Where nothing was entered yet, all that there is is ahead.
        var place = found.mark.end == 0 ? names.startIndex : nil
        // Nearly always it is the last; it is not after a crash right as a file began, and where the
        // database is an older one that was restored.
        for index in names.indices.reversed() where place == nil {
            if try isMarked(names[index]) { place = index }
        }
        guard let place else {
            found.damage = try damage()
            return found
        }
        try readAhead(in: names[place...], into: &found)
        return found
    }

    /// Whether what the database says of the log is true of this file.
    private func isMarked(_ name: String) throws(SystemCall) -> Bool {
        let mark = recorded ?? .none
        guard let file = try open(name), try file.status().size >= Int(mark.end) else {
            return false
        }
        return try lastEntry(of: file, before: Int(mark.end))?.head == mark.head
    }

    /// What is wrong where the database speaks of no file that is there.
    private func damage() throws(SystemCall) -> String {
        let mark = recorded ?? .none
        guard let file = try open(AuditLog.name) else {
            return "it is gone, with \(mark.head.sequence) entries"
        }
        let size = try file.status().size
        return size < Int(mark.end)
            ? "it is cut off: \(size) bytes are left of \(mark.end), up to entry \(mark.head.sequence)"
            : "entry \(mark.head.sequence) is not the one that was written"
    }

    private func open(_ name: String) throws(SystemCall) -> File? {
        try File.ifPresent(name, in: directory.folder, flags: O_RDWR)
    }

    private func size(of name: String) throws(SystemCall) -> Int {
        try open(name)?.status().size ?? 0
    }

    /// Goes on from the mark, which is in the first of these files, to the end of the last.
    private func readAhead(
        in names: ArraySlice<String>,
        into found: inout Found
    ) throws(SystemCall) {
        for name in names {
            if name != names.first { found.mark.end = 0 }
            found.file = try open(name)
            guard let file = found.file else { continue }
            let size = try file.status().size
            if name == names.first, found.mark.end > 0 {
                let last = try lastEntry(of: file, before: Int(found.mark.end))
                found.endsWithCheckpoint = last?.kind == AuditAction.Kind.checkpoint.rawValue
            }
            try readAhead(in: file, size: size, into: &found)
            if found.isTorn, name != names.last {
                found.damage = "\(name) does not go on behind entry \(found.mark.head.sequence)"
                return
            }
        }
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
