internal import Dispatch
internal import FoundationEssentials
internal import GRDB
internal import Glibc
internal import PrefModel
internal import Synchronization

extension Store {
    private static let pagesPerStep: CInt = 1_024

    /// Copies the store as it is at one moment into a folder, while reads and writes go on.
    ///
    /// Everything in the copy is as sealed as in the store itself: rows under their users' data keys, those
    /// under the master key, which is not in it. Writes wait for the copy of the keyring, a quarter of a
    /// kilobyte a user, and not for that of the database.
    ///
    /// - Throws: ``BackupError``: what is in the folder then is no backup.
    func backUp(into folder: BackupFolder) async throws(BackupError) -> BackupManifest {
        try folder.make()
        guard !files.files.waiting.withLock({ $0.isClosed }) else { throw .store(.closed) }
        let time = now()
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            files.pool.asyncWriteWithoutTransaction { _ in
                do {
                    // Nothing is written between the two: they are of one moment.
                    try self.copySmallFiles(into: folder)
                } catch {
                    return continuation.resume(returning: .failure(error))
                }
                // The log only grows: what is copied later is still what stands there now, whatever names
                // its files have then.
                let end = self.engine.audit.mark.end
                let log: [(name: String, file: File)]
                do throws(StoreError) {
                    log = try AuditLog.files(in: self.directory)
                } catch {
                    return continuation.resume(returning: .failure(error))
                }
                self.files.pool.asyncConcurrentRead { snapshot in
                    continuation.resume(
                        returning: Result {
                            try self.copy(snapshot.get(), into: folder)
                            for (name, file) in log {
                                try self.copy(
                                    file,
                                    of: BackupPart(rawValue: name),
                                    end,
                                    into: folder
                                )
                            }
                        }
                    )
                }
            }
        }
        do {
            try result.get()
        } catch {
            throw (error as? BackupError)
                ?? .store(StoreFailure.map(error, directory: directory.path, pseudonym: "a copy"))
        }
        return try await offThread { () throws(BackupError) in
            try self.finish(folder, at: time)
        }
    }

    private func copySmallFiles(into folder: BackupFolder) throws {
        guard let keyringFile = try folder.open(.keyring, flags: O_RDWR | O_CREAT | O_EXCL) else {
            throw BackupError.failed(reason: "the copy of the keyring cannot be made")
        }
        try files.keyring.copy(to: keyringFile)
        try keyringFile.sync()
        for (part, bytes) in [
            (BackupPart.erasures, try files.files.erasures.records().flatMap(\.bytes)),
            (.population, try files.population() ?? []),
        ] where !bytes.isEmpty {
            let file = try folder.open(part, flags: O_RDWR | O_CREAT | O_EXCL)
            try file?.write(bytes, at: 0)
            try file?.sync()
        }
    }

    /// Copies a file of the audit log: the one in use up to where it ended, others whole.
    private func copy(
        _ log: File,
        of part: BackupPart?,
        _ end: UInt64,
        into folder: BackupFolder
    ) throws {
        let end = part == .audit ? end : UInt64(try log.status().size)
        guard end > 0, let part, let file = try folder.open(part, flags: O_RDWR | O_CREAT | O_EXCL)
        else { return }
        try AuditLog.copy(log, upTo: end, to: file)
    }

    private func copy(_ source: Database, into folder: BackupFolder) throws {
        // Made here so that it is nobody else's from its first moment.
        _ = try folder.open(.database, flags: O_RDWR | O_CREAT | O_EXCL)
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            // What a crash leaves of it is thrown away; once done, it is synced as a whole.
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        }
        let copy = try DatabaseQueue(
            path: folder.path + "/" + BackupPart.database.rawValue,
            configuration: configuration
        )
        try copy.inDatabase { db in
            try source.backup(to: db, pagesPerStep: Self.pagesPerStep)
        }
        try copy.close()
    }

    private func finish(
        _ folder: BackupFolder,
        at time: Date
    ) throws(BackupError) -> BackupManifest {
        var parts: [BackupManifest.Part] = []
        for part in try folder.parts() {
            if let file = try folder.open(part, flags: O_RDWR) {
                try BackupFolder.call { () throws(SystemCall) in try file.sync() }
            }
            if let digest = try folder.digest(of: part) { parts.append(digest) }
        }
        let manifest = BackupManifest(
            at: time,
            database: names.database,
            parts: parts,
            audit: names.audit
        )
        let text: Data
        do {
            text = try PrefJSON.encode(manifest, pretty: true)
        } catch {
            throw .failed(reason: "the manifest cannot be written")
        }
        let file = try folder.open(.manifest, flags: O_RDWR | O_CREAT | O_EXCL)
        try BackupFolder.call { () throws(SystemCall) in
            try file?.write([UInt8](text) + [0x0A], at: 0)
            try file?.sync()
        }
        try folder.sync()
        return manifest
    }
}

/// Runs what reads or writes much on a thread that no request needs.
func offThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws(BackupError) -> Value
) async throws(BackupError) -> Value {
    let result: Result<Value, BackupError> = await withCheckedContinuation { continuation in
        DispatchQueue.global(qos: .utility).async {
            continuation.resume(
                returning: Result { () throws(BackupError) -> Value in try body() }
            )
        }
    }
    return try result.get()
}
