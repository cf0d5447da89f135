internal import FoundationEssentials
internal import Glibc

// Full files of the log: `audit.log.1` is the oldest, and `audit.log` the one that is written.

extension AuditLog {
    /// The name of a full file.
    static func fileName(_ number: Int) -> String { "\(name).\(number)" }

    /// Whether a name is that of a file of the log.
    static func isFile(_ name: String) -> Bool { name == Self.name || number(of: name) != nil }

    private static func number(of name: String) -> Int? {
        guard name.hasPrefix(Self.name + "."),
            let number = Int(name.dropFirst(Self.name.count + 1)),
            number > 0, fileName(number) == name
        else { return nil }
        return number
    }

    /// The numbers of the full files in a directory, the oldest first.
    static func full(in path: String) throws(SystemCall) -> [Int] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .compactMap(number).sorted()
        } catch {
            throw SystemCall(name: "readdir", code: EIO)
        }
    }

    /// The names that the log's files in a directory may have, the oldest first; the last need not be there.
    static func names(in path: String) throws(SystemCall) -> [String] {
        try full(in: path).map(fileName) + [name]
    }

    /// The files of the log that are there, the oldest first.
    static func files(in directory: StateDirectory) throws(StoreError) -> [(
        name: String, file: File
    )] {
        let names: [String]
        do throws(SystemCall) {
            names = try Self.names(in: directory.path)
        } catch {
            throw .directoryUnusable(path: directory.path, reason: error.reason)
        }
        var files: [(name: String, file: File)] = []
        for name in names {
            if let file = try directory.openIfPresent(name) { files.append((name, file)) }
        }
        return files
    }

    /// Gives the file a number where it is as long as it may get; the next one is made by what is entered.
    ///
    /// Its last line is a checkpoint then. Where it cannot be renamed it goes on growing.
    func beginNextFileIfDue(_ content: inout Content) {
        guard content.mark.end >= UInt64(limits.auditBytes), content.unsigned == 0,
            !content.needsTruncation
        else { return }
        let number = (content.full.last ?? 0) + 1
        do throws(SystemCall) {
            try directory.folder.rename(Self.name, to: Self.fileName(number))
        } catch {
            return
        }
        content.file = nil
        content.needsFolderSync = true
        content.mark.end = 0
        content.full.append(number)
    }

    /// The first line of a file that is not the first.
    func continuation(_ content: Content) -> AuditAction {
        let oldest = kept(content).first.flatMap { firstEntry(of: Self.fileName($0)) }
        return AuditAction(
            .continued,
            ["after": content.mark.head.spelling, "from": String(oldest ?? 1)]
        )
    }

    /// Removes the files of which a line that is on disk now says that they are not kept.
    func letGo(_ content: inout Content) {
        let kept = kept(content)
        for number in content.full.prefix(content.full.count - kept.count) {
            // One that stays is let go with the next.
            do { try directory.folder.remove(Self.fileName(number)) } catch {}
        }
        content.full = kept
    }

    private func kept(_ content: Content) -> [Int] { content.full.suffix(limits.auditFiles) }

    private func firstEntry(of name: String) -> UInt64? {
        do {
            let file = try File.ifPresent(name, in: directory.folder, flags: O_RDONLY | O_NONBLOCK)
            let bytes = try file?.read(count: AuditTail.longestLine, at: 0) ?? []
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
            return String(validating: line, as: UTF8.self).flatMap(AuditEntry.init)?.sequence
        } catch {
            return nil
        }
    }

    /// Renames the files of a log that does not fit to `audit.log.broken.1`, or the next number that is
    /// free.
    static func putAside(in directory: StateDirectory) throws(SystemCall) {
        for name in try names(in: directory.path) {
            try putAside(name, in: directory)
        }
    }

    private static func putAside(_ file: String, in directory: StateDirectory) throws(SystemCall) {
        for number in 1... {
            do throws(SystemCall) {
                try directory.folder.link(file, to: "\(name).broken.\(number)")
                try directory.folder.remove(file)
                return try directory.folder.sync()
            } catch {
                if error.code == ENOENT { return }
                if error.code != EEXIST { throw error }
            }
        }
    }
}
