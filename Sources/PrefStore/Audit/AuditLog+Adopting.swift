internal import Glibc

extension AuditLog {
    private static let bytesPerRead = 1 << 20

    /// Copies a file of the log up to a place at which it once ended.
    static func copy(_ log: File, upTo end: UInt64, to file: File) throws {
        var place = 0
        while place < Int(end) {
            let bytes = try log.read(count: min(bytesPerRead, Int(end) - place), at: place)
            if bytes.isEmpty { break }
            try file.write(bytes, at: place)
            place += bytes.count
        }
    }

    /// Says in the folder of a restored backup that its log takes the place of the one that is here.
    private static let adoptingName = "adopting"

    /// Takes over the log of a restored backup, unless the one that is here goes on from it.
    ///
    /// One that does not is put aside, untouched. What was cut short in between is finished by the next
    /// call.
    static func adopt(from path: String, into directory: StateDirectory) throws(SystemCall) {
        let folder = try File(path, flags: O_RDONLY | O_DIRECTORY)
        let restored = try present(in: path, folder)
        guard let newest = restored.last else { return }
        // Once some of it has moved, what is here and what is there no longer tell.
        if try File.ifPresent(adoptingName, in: folder, flags: O_RDONLY) == nil {
            guard try !hasMore(than: newest.file, in: directory) else { return }
            try putAside(in: directory)
            _ = try File(adoptingName, in: folder, flags: O_WRONLY | O_CREAT)
            try folder.sync()
        }
        for (name, _) in restored { try folder.move(name, to: directory.folder) }
    }

    /// Whether one of the files that are here goes on from what is the last of the restored ones.
    ///
    /// What was the file in use when the backup was made may be full by now.
    private static func hasMore(
        than restored: File,
        in directory: StateDirectory
    ) throws(SystemCall) -> Bool {
        for (_, own) in try present(in: directory.path, directory.folder).reversed()
        where try goesOn(own, from: restored) {
            return true
        }
        return false
    }

    /// The log's files that are in a folder, the oldest first.
    private static func present(
        in path: String,
        _ folder: File
    ) throws(SystemCall) -> [(name: String, file: File)] {
        var files: [(name: String, file: File)] = []
        for name in try names(in: path) {
            if let file = try File.ifPresent(name, in: folder, flags: O_RDONLY | O_NONBLOCK) {
                files.append((name, file))
            }
        }
        return files
    }

    private static func goesOn(_ own: File, from restored: File) throws(SystemCall) -> Bool {
        var place = 0
        while true {
            let wanted = try restored.read(count: bytesPerRead, at: place)
            if wanted.isEmpty { return true }
            guard try own.read(count: wanted.count, at: place) == wanted else { return false }
            place += wanted.count
        }
    }
}
