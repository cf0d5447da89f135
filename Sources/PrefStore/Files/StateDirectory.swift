internal import Glibc

/// The directory that holds a store: its keyring and its database, open to nobody else.
final class StateDirectory: Sendable {
    static let keyringName = "keyring"
    static let keyringDraftName = "keyring.new"
    static let databaseName = "prefd.db"

    let path: String
    let folder: File

    var databasePath: String { path + "/" + Self.databaseName }

    /// Opens the directory, making it where it is missing, and takes its lock for as long as the
    /// object lives.
    ///
    /// The lock is the directory's own: it leaves no file.
    ///
    /// - Throws: ``StoreError`` where it is another user's, open to others, in use or unusable.
    init(_ path: String) throws(StoreError) {
        self.path = path
        do throws(SystemCall) {
            try Self.create(path)
            // systemd makes the state directory of a dynamic user a link, so a link is followed.
            folder = try File(path, flags: O_RDONLY | O_DIRECTORY, followLink: true)
        } catch {
            throw .directoryUnusable(path: path, reason: error.reason)
        }
        try Self.check(folder, at: path)
        do throws(SystemCall) {
            try folder.lock()
        } catch {
            if error.code == EWOULDBLOCK { throw .inUse(directory: path) }
            throw .directoryUnusable(path: path, reason: error.reason)
        }
        let names = [
            Self.keyringName, Self.databaseName, Self.databaseName + "-wal", ErasureLedger.fileName,
            AuditLog.name,
        ]
        for name in names {
            if let file = try openIfPresent(name) { try Self.check(file, at: path + "/" + name) }
        }
    }

    /// Opens a file of the directory for reading, or says that there is none.
    func openIfPresent(_ name: String) throws(StoreError) -> File? {
        do throws(SystemCall) {
            return try File.ifPresent(name, in: folder, flags: O_RDONLY | O_NONBLOCK)
        } catch {
            throw .directoryUnusable(path: path + "/" + name, reason: error.reason)
        }
    }

    /// The size of a file of the directory in bytes; 0 where there is none.
    func size(of name: String) throws(StoreError) -> Int {
        guard let file = try openIfPresent(name) else { return 0 }
        do throws(SystemCall) {
            return try file.status().size
        } catch {
            throw .directoryUnusable(path: path + "/" + name, reason: error.reason)
        }
    }

    private static func check(_ file: File, at path: String) throws(StoreError) {
        let status: File.Status
        do throws(SystemCall) {
            status = try file.status()
        } catch {
            throw .directoryUnusable(path: path, reason: error.reason)
        }
        guard status.owner == geteuid() else { throw .foreignOwner(path: path) }
        guard status.mode & 0o077 == 0 else { throw .tooOpen(path: path, mode: status.mode) }
    }
}

extension StateDirectory {
    /// Whether a store, or what is left of one, is in a directory.
    static func holdsStore(_ path: String) -> Bool {
        [keyringName, databaseName, databaseName + "-wal"].contains { name in
            // Unsafe: the path is a terminated string for the time of the call.
            unsafe access(path + "/" + name, F_OK) == 0
        }
    }

    /// Makes a directory of mode 0700, and those above it where they are missing.
    static func create(_ path: String) throws(SystemCall) {
        // Unsafe: the path is a terminated string for the time of the call.
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path.contains("/") else {
            throw SystemCall(name: "mkdir", code: errno)
        }
        let parent = parent(of: path).path
        guard parent != path else { throw SystemCall(name: "mkdir", code: ENOENT) }
        try create(parent)
        // Unsafe: as above.
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SystemCall(name: "mkdir", code: errno)
        }
    }

    /// Splits a path into the directory and the last step.
    static func parent(of path: String) -> (path: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }
}
