internal import GRDB
internal import Synchronization

extension WriteQueue {
    /// Finishes what a crash may have left: a torn append, an erasure without its rows.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``.
    func begin(isNew: Bool) async throws(StoreError) {
        do {
            try keyring.sync()
            audit.mend()
            try await pool.writeWithoutTransaction { db in try self.settleRotations(on: db) }
            // Those whom the keyring alone remembers were erased before there was a ledger.
            try erasures.append(users: keyring.erased)
            try await pool.writeWithoutTransaction { db in
                try self.ledger.withLock { ledger in
                    guard isNew || ledger.needsReplay else { return }
                    try self.replay(db, ledger: &ledger, handles: self.keyring.erased)
                }
            }
            try keyring.directory.folder.remove(StateDirectory.keyringDraftName)
        } catch {
            throw StoreFailure.map(error, directory: directory, pseudonym: "the store")
        }
    }
}
