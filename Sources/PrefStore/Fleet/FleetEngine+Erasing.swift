internal import FoundationEssentials
internal import Postgres
internal import PrefModel
internal import Synchronization

extension FleetEngine {
    /// Erases users: their keys and rows in one transaction, which is in the ledger before it begins.
    func erase(_ jobs: [ErasureJob]) {
        let tags = Set(jobs.map(\.tag))
        var counts: [IndexTag: ErasureReceipt.Counts] = [:]
        do {
            try transact { transaction in
                counts = try erase(tags, transaction)
                let actions = jobs.compactMap { job in
                    counts[job.tag].map {
                        AuditAction.erasure(
                            $0,
                            of: names.pseudonym(of: job.tag),
                            receipt: job.receipt
                        )
                    }
                }
                try enter(actions, at: now(), transaction.connection)
                return !counts.isEmpty
            }
            forget(tags)
            for job in jobs { job.done(.success(counts[job.tag] ?? .none)) }
        } catch {
            // It may have been committed all the same.
            forget(tags)
            let failure = StoreFailure.map(error, directory: directory, pseudonym: "the batch")
            statistics.withLock { $0.lastFailure = failure.description }
            for job in jobs { job.done(.failure(failure)) }
        }
    }

    private func erase(
        _ tags: Set<IndexTag>,
        _ transaction: FleetTransaction
    ) throws -> [IndexTag: ErasureReceipt.Counts] {
        var counts: [IndexTag: ErasureReceipt.Counts] = [:]
        // In one order on every host, so that two that erase at once do not wait for each other.
        for tag in tags.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            guard let entry = try transaction.entry(tag) else { continue }
            counts[tag] = try transaction.count(entry.handle)
            try remember(.user, [entry.handle.raw], transaction) {
                try self.erasures.append(users: [entry.handle])
            }
            _ = try transaction.removeAll(of: entry.handle)
        }
        try tell(counts.keys.map(news.message(renewed:)), transaction.connection)
        return counts
    }

    private func forget(_ tags: Set<IndexTag>) {
        news.drop(tags)
        names.forget(tags)
    }

    // MARK: After a restore of the server's database

    /// Erases what the ledgers of this host and of the server say must not be there, and makes both say the
    /// same.
    ///
    /// A database that was restored from a backup has lost what was erased since; the hosts' ledgers have
    /// not.
    func settleErasures() throws -> [RowID] {
        let own = try erasures.records().filter { $0.database == names.database }
        let codes = ErasureLedger.codes(names.audit)
        var withdrawn: [RowID] = []
        var kept: [ErasureRecord] = []
        try transact { transaction in
            let connection = transaction.connection
            kept = try connection.run("SELECT record FROM prefd_erasures").rows.map { row in
                guard let record = ErasureRecord(try row.bytes(0)), record.verifies(under: codes)
                else { throw StoreError.erasuresDamaged(directory: FleetHeader.place) }
                return record
            }
            let missing = Set(own).subtracting(kept)
            withdrawn = missing.filter { $0.kind == .consent }.map { RowID(raw: $0.name) }
            var erased = 0
            for record in missing {
                if record.kind == .user {
                    erased += try transaction.removeAll(of: Handle(raw: record.name)) ? 1 : 0
                }
                try remember(record, connection)
            }
            if erased > 0 {
                let action = AuditAction(.erasureFinished, ["users": String(erased)])
                try enter([action], at: now(), connection)
            }
            return !missing.isEmpty
        }
        try erasures.append(kept)
        return withdrawn
    }

    /// Withdraws consents again that came back with a restored database.
    func withdrawAgain(_ consents: [RowID]) async throws {
        for consent in consents {
            let handle = try await snapshot { transaction in
                try transaction.connection.run(
                    "SELECT handle FROM prefd_consents WHERE id = $1",
                    [.bytes(consent.bytes)]
                ).rows.first?.bytes(0)
            }
            guard let handle, handle.count == Handle.byteCount,
                let tag = try await tags(of: [Handle(handle)]).values.first
            else { continue }
            let scope = try await read(tag) { _, user in
                user.consents.first {
                    $0.place.row == consent && $0.value.withdrawnAt == nil
                }?.value.scope
            }
            if let scope = scope.flatMap({ $0 }) {
                _ = try await write(about: tag) { batch in try batch.withdraw(scope, tag: tag) }
            }
        }
    }
}
