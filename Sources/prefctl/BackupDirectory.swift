internal import FoundationEssentials
internal import Glibc
internal import PrefControl

/// A backup's directory, as whoever runs prefctl can read and write it.
struct BackupDirectory {
    let path: String

    /// Where a backup is to be made.
    enum Target {
        case exactly(String)
        case within(String)

        /// The directory's path, once it is known when the backup was made.
        func final(for time: Date) -> String {
            switch self {
            case .exactly(let path): path
            case .within(let path):
                path + "/prefd-" + time.ISO8601Format().filter { $0 != "-" && $0 != ":" }
            }
        }
    }

    /// - Throws: ``CommandFailure`` where there is something else at the path already.
    static func target(_ given: String) throws -> Target {
        let path = trimmed(AbsolutePath.of(given))
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return .exactly(path)
        }
        guard isDirectory, !isBackup(path) else {
            throw CommandFailure(
                message: "There is something at \(path) already.",
                hint:
                    "Name a directory that is not there yet, or one that backups are collected in."
            )
        }
        return .within(path)
    }

    /// One that is there.
    ///
    /// - Throws: ``CommandFailure``.
    init(of given: String) throws {
        path = Self.trimmed(AbsolutePath.of(given))
        guard Self.isBackup(path) else {
            throw CommandFailure(
                message: "There is no backup at \(path), or you may not read it.",
                hint: "Name the directory that `prefctl backup create` made."
            )
        }
    }

    /// A new one, of mode 0700.
    ///
    /// - Throws: ``CommandFailure``.
    init(making path: String) throws {
        self.path = path
        // SAFETY: the path is passed as a C string for the call's time.
        guard unsafe mkdir(path, 0o700) == 0 else {
            throw Self.failure("The directory \(path) cannot be made")
        }
    }

    /// Writes one of the backup's files as prefd gives it.
    func receive(_ file: String, of id: String, from client: ControlClient) async throws {
        let descriptor = try open(file, O_WRONLY | O_CREAT | O_EXCL)
        defer { close(descriptor) }
        var offset = 0
        while true {
            let piece = try await client.backupPiece(id, file: file, at: offset)
            var rest = piece[...]
            while !rest.isEmpty {
                // SAFETY: the pointer and the count are of the same buffer, which outlives the call.
                let written = unsafe rest.withUnsafeBytes {
                    unsafe write(descriptor, $0.baseAddress, $0.count)
                }
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw Self.failure("\(path)/\(file) cannot be written") }
                rest = rest.dropFirst(written)
            }
            offset += piece.count
            if piece.count < BackupFiles.pieceBytes { break }
        }
        guard fsync(descriptor) == 0 else {
            throw Self.failure("\(path)/\(file) cannot be written")
        }
    }

    /// Sends all files to prefd, and gives the transfer's id.
    func send(to client: ControlClient) async throws -> String {
        let id = try await client.beginUpload().id
        for file in BackupFiles.all {
            // SAFETY: access only reads the path, which is passed as a C string for the call's time.
            guard unsafe access(path + "/" + file, F_OK) == 0 else { continue }
            let descriptor = try open(file, O_RDONLY)
            defer { close(descriptor) }
            var offset = 0
            while true {
                let piece = try read(descriptor, file)
                // An empty file is sent too: that it is empty is for prefd to judge.
                if piece.isEmpty && offset > 0 { break }
                try await client.sendBackupPiece(piece, id, file: file, at: offset)
                offset += piece.count
                if piece.count < BackupFiles.pieceBytes { break }
            }
        }
        return id
    }

    /// Gives the finished directory its name; durable when it returns.
    func rename(to final: String) throws {
        let folder = final.split(separator: "/").dropLast().joined(separator: "/")
        for directory in [path, "/" + folder] {
            // SAFETY: as above.
            let descriptor = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY)
            defer { if descriptor >= 0 { close(descriptor) } }
            guard descriptor >= 0, fsync(descriptor) == 0 else {
                throw Self.failure("\(directory) cannot be written")
            }
            if directory == path {
                // SAFETY: as above, both paths.
                guard unsafe Glibc.rename(path, final) == 0 else {
                    throw Self.failure("\(path) cannot be renamed to \(final)")
                }
            }
        }
    }

    /// Removes what is not finished; what cannot be removed is left to its owner.
    func remove() { do { try FileManager.default.removeItem(atPath: path) } catch {} }

    private func open(_ file: String, _ flags: Int32) throws -> Int32 {
        // SAFETY: as above.
        let descriptor = unsafe Glibc.open(path + "/" + file, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(path)/\(file) cannot be opened") }
        return descriptor
    }

    private func read(_ descriptor: Int32, _ file: String) throws -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: BackupFiles.pieceBytes)
        var filled = 0
        while filled < piece.count {
            // SAFETY: reads into the part of the array's own buffer that is not filled yet.
            let got = unsafe piece.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    descriptor,
                    UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).baseAddress,
                    buffer.count - filled
                )
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw Self.failure("\(path)/\(file) cannot be read") }
            if got == 0 { break }
            filled += got
        }
        piece.removeLast(piece.count - filled)
        return piece
    }

    private static func isBackup(_ path: String) -> Bool {
        // SAFETY: as above.
        unsafe access(path + "/" + BackupFiles.manifest, R_OK) == 0
    }

    private static func trimmed(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func failure(_ what: String) -> CommandFailure {
        // SAFETY: strerror gives a terminated string, copied at once; prefctl has one thread here.
        let reason = unsafe String(cString: strerror(errno))
        return CommandFailure(
            message: "\(what): \(reason).",
            hint: "Check the path, its rights and the disk's space."
        )
    }
}
