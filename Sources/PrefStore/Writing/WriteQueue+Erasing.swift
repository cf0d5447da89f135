internal import GRDB
internal import Synchronization

extension WriteQueue {
    /// Erases users: keys first, by rewriting the keyring; then rows; then the log.
    func erase(_ jobs: [ErasureJob], on db: Database) {
        do {
            let counts = try ledger.withLock { ledger in
                let entries = try Set(jobs.map(\.tag)).compactMap { try keyring.entry($0) }
                var counts: [IndexTag: ErasureReceipt.Counts] = [:]
                for entry in entries {
                    counts[entry.tag] = try db.count(entry.handle)
                    ledger.unflushed[entry.tag] = nil
                }
                guard !entries.isEmpty || ledger.needsReplay else { return counts }
                let handles = ledger.needsReplay ? nil : entries.map(\.handle)
                let tags = Set(entries.map(\.tag))
                if !entries.isEmpty {
                    // Whatever the rewrite comes to: rows without a key are to be deleted.
                    let before = keyring.extent
                    defer {
                        if keyring.extent != before { ledger.needsReplay = true }
                        cache.drop(tags)
                        keyring.forgetNames(of: tags)
                    }
                    try erasures.append(users: entries.map(\.handle))
                    try keyring.rewrite(erasing: tags)
                }
                try replay(
                    db,
                    ledger: &ledger,
                    handles: handles ?? keyring.erased,
                    entering: actions(jobs, counts)
                )
                return counts
            }
            for job in jobs { job.done(.success(counts[job.tag] ?? .none)) }
        } catch {
            let failure = StoreFailure.map(error, directory: directory, pseudonym: "the batch")
            statistics.withLock { $0.lastFailure = failure.description }
            for job in jobs { job.done(.failure(failure)) }
        }
    }

    /// What the audit log is to say: one entry for each user of whom something was held.
    private func actions(
        _ jobs: [ErasureJob],
        _ counts: [IndexTag: ErasureReceipt.Counts]
    ) -> [AuditAction] {
        jobs.compactMap { job in
            counts[job.tag].map {
                .erasure($0, of: keyring.pseudonym(of: job.tag), receipt: job.receipt)
            }
        }
    }

    /// Deletes rows whose keys are gone, and the log that could still hold them; the audit log learns of
    /// `actions`, and of users who were left over from an erasure that was cut short.
    func replay(
        _ db: Database,
        ledger: inout Ledger,
        handles: [Handle],
        entering actions: [AuditAction] = []
    ) throws {
        var state = ledger.state
        state.extent = keyring.extent
        state.commits += 1
        let erasures = actions.count { $0.kind == .userErased }
        try db.inTransaction(.immediate) {
            let deleted = try handles.reduce(0) { try $0 + (db.removeAll(of: $1) ? 1 : 0) }
            var actions = actions
            if deleted > erasures {
                let leftOver = String(deleted - erasures)
                actions.append(AuditAction(.erasureFinished, ["users": leftOver]))
            }
            if !actions.isEmpty {
                state.audit = try audit.append(actions, recorded: state.audit, at: now())
            }
            try state.save(db, codes: codes)
            return .commit
        }
        ledger.state = state
        ledger.needsReplay = false
        ledger.needsTruncation = true
        markAndTruncate(db, ledger: &ledger)
    }
}
