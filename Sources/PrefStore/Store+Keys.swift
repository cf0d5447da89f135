public import FoundationEssentials
internal import Synchronization

extension Store {
    /// Opens the store of a directory under the key of a source.
    ///
    /// Where the keyring is under the previous key that the source still has, it is taken over to the
    /// present one first: a change that a crash cut short, or one that an admin prepared.
    ///
    /// - Throws: ``StoreError``, as for the key and for opening under one.
    public static func open(
        directory: String,
        source: MasterKeySource,
        limits: StoreLimits = StoreLimits(),
        now: @escaping @Sendable () -> Date = { Date() },
        onCheckpoint: @escaping @Sendable (AuditHead) -> Void = { _ in }
    ) async throws(StoreError) -> Store {
        let present = try source.load()
        do throws(StoreError) {
            let store = try await open(
                directory: directory,
                key: present,
                source: source,
                limits: limits,
                now: now,
                onCheckpoint: onCheckpoint
            )
            // Opening has made the directory durable, so this keyring is the one that stays.
            source.retirePrevious()
            return store
        } catch {
            guard case .wrongKey = error, let previous = try source.loadPrevious() else {
                throw error
            }
            let store = try await open(
                directory: directory,
                key: previous,
                source: source,
                changedMasterKey: true,
                limits: limits,
                now: now,
                onCheckpoint: onCheckpoint
            )
            do throws(StoreError) {
                try await store.files.files.takeOver(to: present)
            } catch {
                await store.checkpointAndClose()
                throw error
            }
            source.retirePrevious()
            return store
        }
    }

    /// Exchanges the master key for a new one, made where the source keeps it.
    ///
    /// Nobody's rows are touched, and reading goes on. A change that was begun is finished instead.
    ///
    /// - Throws: ``StoreError``; the store can be opened afterwards with what is on disk.
    public func changeMasterKey() async throws(StoreError) {
        guard let source else { throw .keyIsCredential(name: "") }
        try await engine.changeMasterKey(from: source)
    }

    /// Gives the user of a pseudonym another data key, and destroys the old one; false where there is
    /// no such user.
    ///
    /// - Throws: ``StoreError``; then the old key is in force.
    public func changeDataKey(pseudonym: String) async throws(StoreError) -> Bool {
        guard let tag = try await tag(of: pseudonym) else { return false }
        return try await engine.changeDataKey(of: tag)
    }

    /// The state of the keys.
    ///
    /// Opens every entry of the keyring, so it takes the longer the more users there are.
    ///
    /// - Throws: ``StoreError/keyringDamaged(directory:part:)``.
    public func keyReport() async throws(StoreError) -> KeyReport {
        try await engine.keyReport(source: source?.kind)
    }
}

extension Keyring {
    func report(source: String?) throws(StoreError) -> KeyReport {
        var dataKeys = KeyReport.DataKeys()
        var mostWrites: UInt64 = 0
        for tag in tags {
            // One who was forgotten meanwhile is not counted.
            guard let entry = try entry(tag) else { continue }
            dataKeys.count(entry)
            mostWrites = max(mostWrites, entry.counter)
        }
        let (header, erased) = tail.withLock { ($0.header, $0.erased.count) }
        return dataKeys.report(
            source: source,
            header: header,
            erased: erased,
            mostWrites: Int(clamping: mostWrites)
        )
    }
}
