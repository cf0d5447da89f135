internal import Crypto
internal import FoundationEssentials
internal import GRDB
internal import Synchronization

extension WriteQueue {
    /// Wraps the keyring under another master key; rows are not touched, and reading goes on.
    ///
    /// Both keys are on disk before the keyring changes, and the old one goes only when the changed
    /// keyring is durable, so that whatever file a crash leaves has its key.
    ///
    /// - Throws: ``StoreError``; the key in force before then stays in force, or both are kept.
    func changeMasterKey(from source: MasterKeySource) async throws(StoreError) {
        try await exclusively { db, ledger in
            // An earlier change must be durable before its previous key may be replaced.
            try self.keyring.sync()
            let next = try source.next { self.keyring.isUnder($0) }
            try self.rewrap(under: next, on: db, ledger: &ledger)
            source.retirePrevious()
        }
    }

    /// Wraps the keyring under a key that is on disk already.
    func takeOver(to master: MasterKey) async throws(StoreError) {
        try await exclusively { db, ledger in
            try self.rewrap(under: master, on: db, ledger: &ledger)
        }
    }

    private func rewrap(
        under master: MasterKey,
        on db: Database,
        ledger: inout Ledger
    ) throws {
        try keyring.rewrite(
            change: Keyring.MasterKeyChange(master: master, today: WriteBatch.day(of: now()))
        )
        let action = AuditAction(.masterKeyChanged)
        // The database learns at once that a keyring under the old key is an older copy. Where it
        // cannot, it learns with its next commit.
        do {
            let handles = ledger.needsReplay ? keyring.erased : []
            try replay(db, ledger: &ledger, handles: handles, entering: [action])
        } catch {
            ledger.owed.append(action)
        }
    }

    /// Seals everything of one user under a new data key; false where nothing is stored.
    ///
    /// The new key is durable beside the old one before the rows' transaction commits, and the old one
    /// is destroyed after it: at any moment the keyring holds the key of the rows as they are.
    ///
    /// - Throws: ``StoreError``; then the old key and the old rows are in force.
    func changeDataKey(of tag: IndexTag) async throws(StoreError) -> Bool {
        try await exclusively { db, ledger in
            guard let entry = try self.keyring.entry(tag) else { return false }
            guard let user = try self.resealed(entry, on: db, ledger: &ledger) else { return false }
            ledger.unflushed[tag] = (user.head.counter, user.head.chain)
            ledger.needsTruncation = true
            self.cache.publish(user)
            self.markAndTruncate(db, ledger: &ledger)
            // Where it fails, the next start does it; the rows are under the new key already.
            do { try self.keyring.rewrite(retiring: [tag]) } catch {}
            return true
        }
    }

    private func resealed(
        _ entry: KeyringEntry,
        on db: Database,
        ledger: inout Ledger
    ) throws -> UserState? {
        var state = ledger.state
        var next: Keyring.NextKey?
        do {
            try db.beginTransaction(.immediate)
            let loader = UserLoader(db: db, database: keyring.database)
            guard
                let head = try loader.head(
                    of: entry,
                    keys: UserKeys(entry, database: keyring.database)
                )
            else {
                try db.rollback()
                return nil
            }
            let fresh = KeyringEntry(
                tag: entry.tag,
                handle: entry.handle,
                epoch: entry.epoch + 1,
                dataKey: SymmetricKey(size: .bits256),
                createdDay: WriteBatch.day(of: now()),
                counter: head.counter,
                chain: head.chain
            )
            try Resealing(db: db, from: entry, to: fresh, database: keyring.database)
                .run(head, today: WriteBatch.day(of: now()))
            let user = try loader.load(fresh)
            let prepared = try keyring.prepare(fresh)
            next = prepared
            state.extent = keyring.extent
            state.commits += 1
            let action = AuditAction(
                .dataKeyChanged,
                subject: keyring.pseudonym(of: entry.tag),
                ["epoch": String(fresh.epoch)]
            )
            state.audit = try audit.append([action], recorded: state.audit, at: now())
            try state.save(db, codes: codes)
            try db.commit()
            keyring.take(prepared)
            ledger.state = state
            return user
        } catch {
            if db.isInsideTransaction { do { try db.rollback() } catch {} }
            if let next { keyring.abandon(next) }
            throw error
        }
    }

    /// Finishes rotations of data keys that a crash cut short: the rows tell which key is theirs.
    func settleRotations(on db: Database) throws {
        guard !keyring.rotations.isEmpty else { return }
        for tag in keyring.rotations.keys {
            guard let newest = try keyring.entry(tag) else { continue }
            let epoch = try Int64.fetchOne(
                db,
                sql: "SELECT epoch FROM users WHERE handle = ?",
                arguments: [Data(newest.handle.bytes)]
            )
            guard let epoch, epoch != Int64(newest.epoch),
                var before = keyring.entry(before: newest), epoch == Int64(before.epoch)
            else { continue }
            // What the newer entry knows of the user's writes still holds against older rows.
            before.counter = newest.counter
            before.chain = newest.chain
            try keyring.append([before])
        }
        // Where it fails, the next start does it.
        do { try keyring.rewrite(retiring: Set(keyring.rotations.keys)) } catch {}
    }

    /// Runs one piece of work by itself on the writer's queue.
    func exclusively<Value: Sendable>(
        _ body: @escaping @Sendable (Database, inout Ledger) throws -> Value
    ) async throws(StoreError) -> Value {
        let directory = directory
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { db in
                guard !self.waiting.withLock({ $0.isClosed }) else {
                    continuation.resume(returning: .failure(.closed))
                    return
                }
                do {
                    let value = try self.ledger.withLock { ledger in try body(db, &ledger) }
                    continuation.resume(returning: .success(value))
                } catch {
                    let failure = StoreFailure.map(
                        error,
                        directory: directory,
                        pseudonym: "the user"
                    )
                    if case .unavailable = failure {
                        self.statistics.withLock { $0.lastFailure = failure.description }
                    }
                    continuation.resume(returning: .failure(failure))
                }
            }
        }
        return try result.get()
    }
}
