internal import FoundationEssentials
internal import GRDB

/// Looks at every byte of a backup: that it is what was written, that it opens under the key, and that the
/// records of each user add up.
///
/// The database is opened as a store is, which changes the copy: for copies that are not needed any more,
/// or that are about to be the store.
struct BackupVerification {
    let folder: BackupFolder
    let key: MasterKey

    /// - Throws: ``BackupError``.
    func verify() async throws(BackupError) -> BackupSummary {
        let folder = folder
        let manifest = try await offThread { () throws(BackupError) in
            let manifest = try folder.manifest()
            try Self.check(manifest, of: folder)
            return manifest
        }
        try checkSeal(of: manifest)
        let store: Store
        do throws(StoreError) {
            store = try await Store.open(copy: folder.path, key: key)
        } catch {
            throw BackupError(inBackup: error)
        }
        let result = await read(store, manifest)
        await store.checkpointAndClose()
        return try result.get()
    }

    /// Compares sizes and digests, before anything of the backup is trusted.
    private static func check(
        _ manifest: BackupManifest,
        of folder: BackupFolder
    ) throws(BackupError) {
        let named = Set(manifest.parts.map(\.name))
        for part in BackupPart.needed where !named.contains(part) {
            throw .incomplete(part: part.rawValue)
        }
        for part in try folder.parts() where !named.contains(part) {
            throw .damaged(part: part.rawValue, detail: "is not of this backup")
        }
        for part in manifest.parts {
            guard let found = try folder.digest(of: part.name) else {
                throw .incomplete(part: part.name.rawValue)
            }
            guard found.bytes == part.bytes else {
                throw .damaged(
                    part: part.name.rawValue,
                    detail: "has \(found.bytes) bytes, where \(part.bytes) were written"
                )
            }
            guard found.sha256 == part.sha256 else {
                throw .damaged(part: part.name.rawValue, detail: "was changed since it was written")
            }
        }
    }

    private func checkSeal(of manifest: BackupManifest) throws(BackupError) {
        let keyring: Keyring
        do throws(StoreError) {
            keyring = try Keyring.open(in: StateDirectory(folder.path), master: key).keyring
        } catch {
            throw BackupError(inBackup: error)
        }
        guard manifest.verifies(under: keyring.audit) else {
            throw .damaged(part: BackupPart.manifest.rawValue, detail: "was changed")
        }
    }

    private func read(
        _ store: Store,
        _ manifest: BackupManifest
    ) async -> Result<BackupSummary, BackupError> {
        do {
            var summary = BackupSummary(
                createdAt: manifest.createdAt,
                schema: manifest.schema,
                bytes: manifest.parts.reduce(0) { $0 + $1.bytes }
            )
            let found = try await store.files.pool.read { db in
                try Self.count(db, of: store.files.keyring)
            }
            summary.users = found.users
            summary.preferences = found.preferences
            summary.consents = found.consents
            summary.signals = found.signals
            return .success(summary)
        } catch {
            return .failure(
                BackupError(
                    inBackup: StoreFailure.map(
                        error,
                        directory: folder.path,
                        pseudonym: "the backup"
                    )
                )
            )
        }
    }

    private struct Count {
        var users = 0
        var preferences = 0
        var consents = 0
        var signals = 0
    }

    /// Opens every record of every user.
    private static func count(_ db: Database, of keyring: Keyring) throws -> Count {
        guard try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok" else {
            throw StoreError.databaseDamaged(
                directory: keyring.directory.path,
                detail: "its pages do not fit together"
            )
        }
        let loader = UserLoader(db: db, database: keyring.database)
        var count = Count()
        for tag in keyring.tags {
            guard let entry = try keyring.entry(tag), let user = try loader.load(entry) else {
                continue
            }
            count.users += 1
            count.preferences += user.preferences.count
            count.consents += user.consents.count
            for code in ScopeCode.allCases {
                count.signals += try SignalShelf(db: db, user: user, code: code).signals.count
            }
        }
        guard try Int.fetchOne(db, sql: "SELECT count(*) FROM users") == count.users else {
            throw StoreError.databaseDamaged(
                directory: keyring.directory.path,
                detail: "it has users that the keyring does not know"
            )
        }
        return count
    }
}
