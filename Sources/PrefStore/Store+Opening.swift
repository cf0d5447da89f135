public import FoundationEssentials
internal import GRDB
internal import Glibc

extension Store {
    /// Opens the store of a directory, making a new one where the directory is missing or empty.
    ///
    /// Everything that can be wrong is looked at before anything is written: the directory, the
    /// keyring under the key, the database against the keyring. On an error nothing was changed.
    ///
    /// - Throws: ``StoreError``, its own case for each thing that can be wrong.
    public static func open(
        directory path: String,
        key: MasterKey,
        limits: StoreLimits = StoreLimits(),
        now: @escaping @Sendable () -> Date = { Date() },
        onCheckpoint: @escaping @Sendable (AuditHead) -> Void = { _ in }
    ) async throws(StoreError) -> Store {
        try await open(
            directory: path,
            key: key,
            source: nil,
            limits: limits,
            now: now,
            onCheckpoint: onCheckpoint
        )
    }

    static func open(
        directory path: String,
        key: MasterKey,
        source: MasterKeySource?,
        changedMasterKey: Bool = false,
        limits: StoreLimits,
        now: @escaping @Sendable () -> Date,
        onCheckpoint: @escaping @Sendable (AuditHead) -> Void,
        isCopy: Bool = false
    ) async throws(StoreError) -> Store {
        let directory = try StateDirectory(path)
        guard try directory.openIfPresent(FleetHost.fileName) == nil else {
            throw .directoryUnusable(
                path: path,
                reason: "it belongs to a store on a server, and the configuration names none"
            )
        }
        let hasKeyring = try directory.openIfPresent(StateDirectory.keyringName) != nil
        let hasDatabase = try DatabaseFile(directory).isPresent
        if !hasKeyring {
            guard !hasDatabase else { throw .keyringMissing(directory: path) }
            try Keyring.create(in: directory, master: key, today: WriteBatch.day(of: now()))
        }
        let (keyring, contents) = try Keyring.open(in: directory, master: key)
        let erasures = try ErasureLedger(in: directory, of: keyring.names)
        let codes = DatabaseState.codes(keyring.audit)
        let file = DatabaseFile(directory)
        var state: DatabaseState?
        if hasDatabase {
            state = try file.inspect(codes: codes)
            try check(state, against: keyring, mark: contents.mark, directory: path)
        } else if contents.slots > 0 || contents.mark.commits > 0 || contents.hasTornTail {
            throw .databaseMissing(directory: path)
        }
        let pool = try await file.open()
        let current =
            state
            ?? DatabaseState(
                database: keyring.database,
                extent: keyring.extent,
                commits: contents.mark.commits
            )
        let signer = AuditSigner(from: keyring.audit)
        let audit =
            isCopy
            ? AuditLog(detachedFrom: directory, recorded: state?.audit, signer: signer)
            : try AuditLog(
                in: directory,
                recorded: state?.audit,
                signer: signer,
                limits: limits,
                onCheckpoint: onCheckpoint
            )
        let cache = ProfileCache(limit: limits.cachedUsers)
        let queue = WriteQueue(
            pool: pool,
            keyring: keyring,
            erasures: erasures,
            cache: cache,
            audit: audit,
            limits: limits,
            state: current,
            needsReplay: current.extent.generation != keyring.extent.generation,
            now: now
        )
        try await queue.begin(isNew: state == nil)
        return Store(
            directory: directory,
            engine: FileEngine(
                directory: directory,
                keyring: keyring,
                pool: pool,
                cache: cache,
                files: queue
            ),
            now: now,
            source: source,
            changedMasterKey: changedMasterKey
        )
    }

    /// Opens a copy of a store, whose audit log is left as it is.
    ///
    /// - Throws: ``StoreError``.
    static func open(copy path: String, key: MasterKey) async throws(StoreError) -> Store {
        try await open(
            directory: path,
            key: key,
            source: nil,
            limits: StoreLimits(),
            now: { Date() },
            onCheckpoint: { _ in },
            isCopy: true
        )
    }

    /// Checks that keyring and database belong together and that neither is an older copy.
    private static func check(
        _ state: DatabaseState?,
        against keyring: Keyring,
        mark: KeyringMark,
        directory: String
    ) throws(StoreError) {
        guard let state else {
            // A crash at the very first start can leave a database without its first row.
            guard keyring.userCount == 0, mark.commits == 0 else {
                throw .databaseRolledBack(directory: directory)
            }
            return
        }
        guard state.database == keyring.database else {
            throw .databaseMismatched(directory: directory)
        }
        let extent = keyring.extent
        if state.extent.generation > extent.generation
            || (state.extent.generation == extent.generation && state.extent.slots > extent.slots)
        {
            throw .keyringRolledBack(directory: directory)
        }
        guard state.commits >= mark.commits else {
            throw .databaseRolledBack(directory: directory)
        }
    }
}
