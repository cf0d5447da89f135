internal import Crypto
internal import FoundationEssentials
internal import Glibc

/// A directory with the files of a backup, of mode 0700, below the state directory.
struct BackupFolder: Sendable {
    private static let bytesPerRead = 1 << 20
    private static let longestManifestBytes = 1 << 20
    private static let verifiedName = "verified"

    let path: String

    init(_ path: String) { self.path = path }

    var exists: Bool {
        // Unsafe: the path is a terminated string for the time of the call.
        unsafe access(path, F_OK) == 0
    }

    /// Makes the directory anew, empty.
    func make() throws(BackupError) {
        try remove()
        do throws(SystemCall) {
            try StateDirectory.create(path)
        } catch {
            throw .failed(reason: error.reason)
        }
    }

    /// Removes the directory with all that is in it; one that is not there is no failure.
    func remove() throws(BackupError) {
        guard exists else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .failed(reason: "\(path) cannot be removed")
        }
    }

    /// Opens one of the files; nil where it is not there.
    func open(_ part: BackupPart, flags: Int32 = O_RDONLY) throws(BackupError) -> File? {
        do throws(SystemCall) {
            return try File.ifPresent(path + "/" + part.rawValue, flags: flags | O_NONBLOCK)
        } catch {
            throw .failed(reason: error.reason)
        }
    }

    /// What is there of what a backup may have, besides the manifest.
    func parts() throws(BackupError) -> [BackupPart] {
        let log = try Self.call { () throws(SystemCall) in try AuditLog.names(in: path) }
        var parts: [BackupPart] = []
        for part in BackupPart.single + log.compactMap(BackupPart.init)
        where try open(part) != nil {
            parts.append(part)
        }
        return parts
    }

    /// The manifest as it was written.
    func manifest() throws(BackupError) -> BackupManifest {
        guard let file = try open(.manifest) else { throw .missing }
        return try BackupManifest(
            reading: Self.call { () throws(SystemCall) in
                try file.read(count: min(try file.status().size, Self.longestManifestBytes), at: 0)
            }
        )
    }

    /// The size and digest of a file; nil where it is not there.
    func digest(of part: BackupPart) throws(BackupError) -> BackupManifest.Part? {
        guard let file = try open(part) else { return nil }
        var hash = SHA256()
        var offset = 0
        while true {
            let chunk = try Self.call { () throws(SystemCall) in
                try file.read(count: Self.bytesPerRead, at: offset)
            }
            hash.update(data: chunk)
            offset += chunk.count
            if chunk.count < Self.bytesPerRead { break }
        }
        return BackupManifest.Part(
            name: part,
            bytes: offset,
            sha256: Hex.encode(Array(hash.finalize()))
        )
    }

    /// Puts the time of a verified backup in its manifest's place, which no longer fits the files: they
    /// change as the store that they are opens.
    func markVerified(_ time: Date) throws(BackupError) {
        try Self.call { () throws(SystemCall) in
            let file = try File(path + "/" + Self.verifiedName, flags: O_WRONLY | O_CREAT)
            var bytes: [UInt8] = []
            bytes.append(UInt64(max(0, time.timeIntervalSince1970)))
            try file.write(bytes, at: 0)
            try file.sync()
            let folder = try File(path, flags: O_RDONLY | O_DIRECTORY)
            try folder.remove(BackupPart.manifest.rawValue)
            try folder.sync()
        }
    }

    /// When the backup that was verified was made.
    ///
    /// - Throws: ``BackupError/missing`` where none was.
    func verifiedTime() throws(BackupError) -> Date {
        let bytes: [UInt8]
        do throws(SystemCall) {
            bytes = try File(path + "/" + Self.verifiedName, flags: O_RDONLY).read(count: 8, at: 0)
        } catch {
            if error.code == ENOENT { throw .missing }
            throw .failed(reason: error.reason)
        }
        guard bytes.count == 8 else { throw .missing }
        return Date(timeIntervalSince1970: Double(bytes.integer(at: 0) as UInt64))
    }

    /// Makes the directory's entries durable.
    func sync() throws(BackupError) {
        try Self.call { () throws(SystemCall) in
            try File(path, flags: O_RDONLY | O_DIRECTORY).sync()
        }
    }

    /// Says a failure of the system in the words of backups.
    static func call<Value>(
        _ body: () throws(SystemCall) -> Value
    ) throws(BackupError) -> Value {
        do throws(SystemCall) { return try body() } catch { throw .failed(reason: error.reason) }
    }
}
