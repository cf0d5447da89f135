internal import Dispatch
internal import GRDB
internal import Synchronization

extension WriteQueue {
    private static let flushInterval = Duration.seconds(60)
    private static let flushUsers = 4_096
    private static let truncationMilliseconds = 100

    /// Runs writes in one transaction, each in a savepoint of its own, and completes them all after
    /// the commit.
    func commit(_ jobs: [WriteJob], on db: Database, flushing: Bool = false) {
        var completions: [@Sendable (StoreError?) -> Void] = []
        var rest = jobs[...]
        var failure: StoreError?
        let batch = WriteBatch(
            db: db,
            keys: keyring,
            cache: cache,
            limits: limits,
            now: now()
        )
        do {
            try db.beginTransaction(.immediate)
            while let job = rest.popFirst() {
                if let completion = try run(job, in: batch, on: db) {
                    completions.append(completion)
                }
            }
            try finish(batch, on: db, writes: completions.count, flushing: flushing)
        } catch {
            failure = StoreFailure.map(error, directory: directory, pseudonym: "the batch")
            // A failure of the disk may have ended the transaction already; one that cannot be
            // rolled back now ends with the connection.
            if db.isInsideTransaction { do { try db.rollback() } catch {} }
        }
        if let failure {
            statistics.withLock { $0.lastFailure = failure.description }
            for job in rest { job.fail(failure) }
        }
        for completion in completions { completion(failure) }
    }

    private func run(
        _ job: WriteJob,
        in batch: WriteBatch,
        on db: Database
    ) throws -> (@Sendable (StoreError?) -> Void)? {
        let before = batch.savepoint()
        do {
            var completion: (@Sendable (StoreError?) -> Void)?
            try db.inSavepoint {
                completion = try job.run(batch)
                return .commit
            }
            return completion
        } catch {
            batch.restore(before)
            job.fail(error)
            // A full or failing disk makes SQLite end the whole transaction.
            if !db.isInsideTransaction { throw error }
            return nil
        }
    }

    /// Writes what the batch changed and commits: the keyring first, so that no row is ever
    /// committed whose key could be lost.
    private func finish(
        _ batch: WriteBatch,
        on db: Database,
        writes: Int,
        flushing: Bool
    ) throws {
        try ledger.withLock { ledger in
            let isFlushing = flushing || isFlushDue(ledger)
            let changes =
                !batch.users.isEmpty || !batch.actions.isEmpty || ledger.needsReplay
            for action in ledger.owed { batch.enter(action) }
            let isSigning = flushing && audit.wantsCheckpoint
            guard changes || isSigning || (isFlushing && !ledger.unflushed.isEmpty) else {
                try db.rollback()
                return
            }
            if ledger.needsReplay { batch.enter(leftOver: try deleteErased(db)) }
            try batch.writeHeads()
            let heads = isFlushing ? try unflushedEntries(ledger) : []
            try erasures.append(consents: batch.withdrawn)
            try keyring.append(batch.created.filter { batch.users[$0.tag] != nil } + heads)
            var state = ledger.state
            state.extent = keyring.extent
            state.commits += 1
            if !batch.actions.isEmpty || isSigning {
                state.audit = try audit.append(
                    batch.actions,
                    recorded: ledger.state.audit,
                    at: batch.now,
                    signing: isSigning
                )
            }
            try state.save(db, codes: codes)
            try db.commit()
            settle(batch, on: db, state: state, isFlushing: isFlushing, in: &ledger)
            statistics.withLock { statistics in
                statistics.transactions += 1
                statistics.writes += writes
                statistics.lastFailure = nil
            }
        }
    }

    /// Takes over what is now on disk.
    private func settle(
        _ batch: WriteBatch,
        on db: Database,
        state: DatabaseState,
        isFlushing: Bool,
        in ledger: inout Ledger
    ) {
        ledger.state = state
        ledger.owed = []
        if isFlushing {
            ledger.unflushed = [:]
            ledger.lastFlush = ContinuousClock.now
        }
        if batch.deletesContent || ledger.needsReplay { ledger.needsTruncation = true }
        ledger.needsReplay = false
        for user in batch.users.values {
            ledger.unflushed[user.tag] = (user.head.counter, user.head.chain)
            cache.publish(user)
        }
        markAndTruncate(db, ledger: &ledger)
        guard isFlushing, keyring.isWorthCompacting else { return }
        // The database learns of the rewrite with the next commit. Where it fails, the keyring is
        // as before, only longer than it need be.
        do { try keyring.rewrite(erasing: []) } catch {}
    }

    /// What follows a commit and may fail without undoing it: it is tried again after the next.
    func markAndTruncate(_ db: Database, ledger: inout Ledger) {
        // A mark that lags behind only notices an older database later.
        do { try keyring.mark(commits: ledger.state.commits) } catch {}
        // One that failed has its next turn in a second: a backup may be in the log for minutes, and no
        // write is to wait for it each time.
        if ledger.needsTruncation, !ledger.isRetryingTruncation {
            truncateLog(db, ledger: &ledger)
        }
    }

    /// Writes the log back and empties it, so that what was deleted is not in it any more.
    ///
    /// A reader that is still in an older snapshot prevents that. Writers do not wait for it: it is
    /// tried again each second.
    private func truncateLog(_ db: Database, ledger: inout Ledger) {
        do {
            try db.execute(sql: "PRAGMA busy_timeout = \(Self.truncationMilliseconds)")
            defer { do { try DatabaseFile.setBusyTimeout(db) } catch {} }
            try db.checkpoint(.truncate)
            ledger.needsTruncation = false
        } catch {
            guard !ledger.isRetryingTruncation else { return }
            ledger.isRetryingTruncation = true
            DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .seconds(1)) {
                [weak self] in self?.retryTruncation()
            }
        }
    }

    private func retryTruncation() {
        guard !waiting.withLock({ $0.isClosed }) else { return }
        pool.asyncWriteWithoutTransaction { db in
            self.ledger.withLock { ledger in
                ledger.isRetryingTruncation = false
                if ledger.needsTruncation { self.truncateLog(db, ledger: &ledger) }
            }
        }
    }

    /// Deletes the rows of everyone who was erased: keyring first, rows after, so that a crash in
    /// between leaves rows that nobody can read, and this.
    ///
    /// - Returns: of how many users there was something left.
    private func deleteErased(_ db: Database) throws -> Int {
        try keyring.erased.reduce(0) { try $0 + (db.removeAll(of: $1) ? 1 : 0) }
    }

    private func isFlushDue(_ ledger: Ledger) -> Bool {
        ledger.unflushed.count >= Self.flushUsers
            || (!ledger.unflushed.isEmpty
                && ContinuousClock.now - ledger.lastFlush > Self.flushInterval)
    }

    private func unflushedEntries(_ ledger: Ledger) throws -> [KeyringEntry] {
        try ledger.unflushed.compactMap { tag, head in
            guard var entry = try keyring.entry(tag) else { return nil }
            entry.counter = head.counter
            entry.chain = head.chain
            return entry
        }
    }
}
