public import FoundationEssentials
internal import GRDB
internal import Glibc
internal import PrefModel

/// What a restore brought back, and what it kept from coming back.
public struct RestoredBackup: Sendable, Equatable {
    /// When the backup was made; nil where a restore that was cut short has been finished.
    public let createdAt: Date?
    /// Users in the backup who were forgotten after it was made: they are not in the store.
    public let erased: Int
    /// Consents in the backup that were withdrawn after it was made: they are, with what they gathered.
    public let withdrawn: Int
}

/// Puts a backup in the store's place, while nothing uses the store.
///
/// A backup waits in `restore/` until prefd starts. What was erased since it was made is erased from it
/// there, and the store in use is not touched. Then the folder is renamed to `restoring/`, which is the
/// moment at which the new store takes the old one's place: from then on, every start moves what is left
/// in that folder to where it belongs.
struct Restoration {
    static let stagedName = "restore"
    private static let committedName = "restoring"

    private let directory: StateDirectory
    private let staged: BackupFolder
    private let committed: BackupFolder

    /// Takes the lock of the state directory.
    ///
    /// - Throws: ``BackupError/store(_:)``.
    init(in path: String) throws(BackupError) {
        do throws(StoreError) {
            directory = try StateDirectory(path)
        } catch {
            throw .store(error)
        }
        staged = BackupFolder(path + "/" + Self.stagedName)
        committed = BackupFolder(path + "/" + Self.committedName)
    }

    /// Whether there is something to do in a directory, found out without making or locking it.
    static func isPending(in path: String) -> Bool {
        [stagedName, committedName].contains { BackupFolder(path + "/" + $0).exists }
    }

    /// Carries out what is pending.
    ///
    /// - Throws: ``BackupError``: before the backup has taken the store's place, the store is untouched.
    func finish(_ key: MasterKey) async throws(BackupError) -> RestoredBackup? {
        if committed.exists {
            try complete()
            // A crash cannot have left both, since the one becomes the other.
            guard !staged.exists else { return try await finish(key) }
            return RestoredBackup(createdAt: nil, erased: 0, withdrawn: 0)
        }
        guard staged.exists else { return nil }
        let restored = try await prepare(key)
        try commit()
        try complete()
        return restored
    }

    /// Verifies what is staged where nobody has yet, and erases from it what must not come back.
    func prepare(_ key: MasterKey) async throws(BackupError) -> RestoredBackup {
        // The desk takes the manifest away once it has verified a backup. One that still has its own was
        // put here by hand.
        var createdAt: Date?
        if try staged.open(.manifest) != nil {
            createdAt = try await BackupVerification(folder: staged, key: key).verify().createdAt
        } else {
            createdAt = try staged.verifiedTime()
        }
        let store: Store
        do throws(StoreError) {
            store = try await Store.open(copy: staged.path, key: key)
        } catch {
            throw BackupError(inBackup: error)
        }
        let result = await replay(on: store, createdAt: createdAt)
        await store.checkpointAndClose()
        return try result.get()
    }

    /// Makes the staged backup the store: what comes after may be cut short at any point.
    func commit() throws(BackupError) {
        try staged.sync()
        try BackupFolder.call { () throws(SystemCall) in
            try directory.folder.rename(Self.stagedName, to: Self.committedName)
            try directory.folder.sync()
        }
    }

    /// Moves what is in the committed folder to where it belongs.
    func complete() throws(BackupError) {
        try BackupFolder.call { () throws(SystemCall) in
            let folder = directory.folder
            let from = try File(committed.path, flags: O_RDONLY | O_DIRECTORY)
            if try committed.holds(.database) {
                // The old database's log must be gone before another database is beside it.
                for suffix in ["-wal", "-shm"] {
                    try folder.remove(StateDirectory.databaseName + suffix)
                }
                try folder.sync()
                try from.move(StateDirectory.databaseName, to: folder)
            }
            for part in [BackupPart.erasures, .keyring] where try committed.holds(part) {
                try from.move(part.rawValue, to: folder)
            }
            try AuditLog.adopt(from: committed.path, into: directory)
            // What was told about the population stays told: the host's own account of it wins.
            if try committed.holds(.population) {
                do throws(SystemCall) {
                    _ = try File(BackupPart.population.rawValue, in: folder, flags: O_RDONLY)
                } catch {
                    guard error.code == ENOENT else { throw error }
                    try from.move(BackupPart.population.rawValue, to: folder)
                }
            }
            try folder.sync()
            try from.sync()
        }
        try committed.remove()
        try BackupFolder.call { () throws(SystemCall) in try directory.folder.sync() }
    }

    /// Erases from a restored store what this directory's ledger says, and has it remember all of that.
    private func replay(
        on store: Store,
        createdAt: Date?
    ) async -> Result<RestoredBackup, BackupError> {
        do {
            let records = try ErasureLedger.records(
                in: directory,
                database: store.files.keyring.database,
                codes: ErasureLedger.codes(store.files.keyring.audit)
            )
            try store.files.files.erasures.append(records)
            let own = try store.files.files.erasures.records()
                .filter { $0.database == store.files.keyring.database }
            let erased = try await store.eraseAgain(
                Set(own.filter { $0.kind == .user }.map { Handle(raw: $0.name) })
            )
            let withdrawn = try await store.withdrawAgain(
                Set(own.filter { $0.kind == .consent }.map { RowID(raw: $0.name) })
            )
            return .success(
                RestoredBackup(createdAt: createdAt, erased: erased, withdrawn: withdrawn)
            )
        } catch let error as StoreError {
            return .failure(.store(error))
        } catch {
            let error = StoreFailure.map(error, directory: directory.path, pseudonym: "the backup")
            return .failure(.store(error))
        }
    }
}

extension Store {
    /// Carries out the restore that waits in a state directory; nil where none does.
    ///
    /// Before the store is opened, and under the present master key.
    ///
    /// - Throws: ``BackupError``: the store is as it was.
    public static func finishRestore(
        directory path: String,
        source: MasterKeySource
    ) async throws(BackupError) -> RestoredBackup? {
        guard Restoration.isPending(in: path) else { return nil }
        let key: MasterKey
        do throws(StoreError) { key = try source.load() } catch { throw .store(error) }
        return try await Restoration(in: path).finish(key)
    }

    /// Erases those of these users who are there; says how many.
    fileprivate func eraseAgain(_ handles: Set<Handle>) async throws -> Int {
        let tags = try files.keyring.tags(of: handles).values
        // All at once, so that they share rewrites of the keyring.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for tag in tags {
                group.addTask {
                    _ = try await self.queue.erase(tag, receipt: ErasureReceipt.newID())
                }
            }
            try await group.waitForAll()
        }
        return tags.count
    }

    /// Withdraws those of these consents that stand; says how many.
    fileprivate func withdrawAgain(_ rows: Set<RowID>) async throws -> Int {
        let found = try await files.pool.read { db in
            var found: [Handle: Set<RowID>] = [:]
            let cursor = try Row.fetchCursor(db, sql: "SELECT handle, id FROM consents")
            while let row = try cursor.next() {
                let (handle, id): (Data, Data) = (row["handle"], row["id"])
                guard handle.count == Handle.byteCount, id.count == RowID.byteCount else {
                    continue
                }
                let consent = RowID([UInt8](id))
                if rows.contains(consent) {
                    found[Handle([UInt8](handle)), default: []].insert(consent)
                }
            }
            return found
        }
        var count = 0
        for (handle, tag) in try files.keyring.tags(of: Set(found.keys)) {
            let consents = found[handle] ?? []
            let standing = try await engine.read(tag) { _, user in
                user.consents
                    .filter { consents.contains($0.place.row) && $0.value.withdrawnAt == nil }
                    .map(\.value.scope)
            }
            for scope in standing ?? [] {
                _ = try await queue.write(about: tag) { batch in
                    try batch.withdraw(scope, tag: tag)
                }
                count += 1
            }
        }
        return count
    }
}

extension BackupFolder {
    fileprivate func holds(_ part: BackupPart) throws(SystemCall) -> Bool {
        // Unsafe: the path is a terminated string for the time of the call.
        unsafe access(path + "/" + part.rawValue, F_OK) == 0
    }
}

extension File {
    /// Moves a file of this directory into another, replacing what is there.
    func move(_ name: String, to directory: File) throws(SystemCall) {
        // Unsafe: the name is a terminated string for the time of the call.
        try SystemCall.retrying("rename") {
            Int(unsafe renameat(descriptor, name, directory.descriptor, name))
        }
    }
}
