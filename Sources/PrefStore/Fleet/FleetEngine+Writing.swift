internal import Dispatch
internal import FoundationEssentials
internal import Postgres
internal import Synchronization

extension FleetEngine: WorkQueue {
    private static let firstPause = 0.02
    private static let longestPause = 0.25

    var directory: String { FleetHeader.place }

    /// Whoever waits is told within `limits.patience`; what is then under way may still be committed.
    func enqueue(_ work: Work) {
        let bounded = Self.bounded(work)
        let (isTaken, isFirst) = waiting.withLock { waiting in
            guard waiting.add(bounded) else { return (false, false) }
            defer { waiting.isDraining = true }
            return (true, !waiting.isDraining)
        }
        if !isTaken { return bounded.fail(.closed) }
        after(limits.patience) {
            bounded.fail(
                self.reach.failure ?? .serverAway(reason: "it did not confirm the write in time")
            )
        }
        if isFirst { writer.queue.async { self.drain() } }
    }

    /// Work that answers once, however often it is tried, and is not begun when it has.
    private static func bounded(_ work: Work) -> Work {
        switch work {
        case .write(let job):
            let answer = Once<@Sendable () -> Void> { $0() }
            return .write(
                WriteJob(
                    run: { batch in
                        guard !answer.isOver else { throw StoreError.closed }
                        let done = try job.run(batch)
                        return { failure in answer.give { done(failure) } }
                    },
                    fail: { error in answer.give { job.fail(error) } }
                )
            )
        case .erasure(let job):
            let answer = Once<Result<ErasureReceipt.Counts, any Error>> { job.done($0) }
            return .erasure(
                ErasureJob(tag: job.tag, receipt: job.receipt) { answer.give($0) }
            )
        }
    }

    private func drain() {
        while true {
            let (writes, erasures) = waiting.withLock { waiting in
                let next = waiting.next()
                if next.writes.isEmpty, next.erasures.isEmpty { waiting.isDraining = false }
                return next
            }
            if !writes.isEmpty { commit(writes) }
            if !erasures.isEmpty { erase(erasures) }
            if writes.isEmpty, erasures.isEmpty { return }
        }
    }

    // MARK: Transactions

    /// Runs a transaction until it is known to be committed, or cannot be.
    ///
    /// It is tried again where the server says that it may then go through, and where the connection ended:
    /// then nobody knows whether it was committed. Each transaction therefore writes a token of its own
    /// first. Where that is there already, an earlier try was committed, and `body` is not run again; the
    /// token is written anew, so that this commit has to wait for the standby again: the earlier one may
    /// have been given up while it waited. `body` says whether there is something to commit.
    ///
    /// Blocks; only on the writer's queue.
    func transact(_ body: (FleetTransaction) throws -> Bool) throws {
        let token = RowID.random()
        let deadline = ContinuousClock.now + limits.patience
        var pause = Self.firstPause
        var hasRenewed = false
        while true {
            do {
                try writer.use { connection in
                    try self.attempt(token, on: connection, body)
                }
                return statistics.withLock { statistics in
                    statistics.transactions += 1
                    statistics.lastFailure = nil
                }
            } catch is FleetTransaction.KeysChanged where !hasRenewed {
                hasRenewed = true
                try writer.use { try self.renewHeader($0) }
            } catch let error as PostgresError
                where error.isPassing && ContinuousClock.now < deadline
            {
                if case .unreachable(let reason) = error { reach.lose(reason) }
                Self.sleep(pause)
                pause = min(pause * 2, Self.longestPause)
            } catch {
                if let error = error as? PostgresError, error.endsConnection {
                    reach.lose(error.description)
                }
                throw error
            }
        }
    }

    private func attempt(
        _ token: RowID,
        on connection: PostgresConnection,
        _ body: (FleetTransaction) throws -> Bool
    ) throws {
        try connection.run("BEGIN ISOLATION LEVEL READ COMMITTED")
        do {
            // Waits for a try of this transaction that is still under way on the server.
            let attempts = try connection.run(
                """
                INSERT INTO prefd_writes (token, attempts, hour) VALUES ($1, 1, $2)
                ON CONFLICT (token) DO UPDATE SET attempts = prefd_writes.attempts + 1
                RETURNING attempts
                """,
                [.bytes(token.bytes), .integer(Int64(now().timeIntervalSince1970 / 3_600))]
            ).rows.first?.integer(0)
            if attempts == 1 {
                let transaction = transaction(on: connection, isWriting: true)
                guard try body(transaction) else {
                    try connection.run("ROLLBACK")
                    return
                }
            }
        } catch {
            // What ended the connection has ended the transaction.
            do { try connection.run("ROLLBACK") } catch {}
            throw error
        }
        _ = connection.takeWarnings()
        // Never cancelled, and not given up while the server answers others: it waits for its standby.
        try connection.run(
            "COMMIT",
            while: { !self.reach.isAway && !self.waiting.withLock { $0.isClosed } }
        )
        // The server says so in a warning, and nowhere else, where it did not wait to the end.
        guard connection.takeWarnings() == 0 else { throw PostgresError.unconfirmed }
    }

    // MARK: Writes

    private enum Outcome {
        case done(@Sendable (StoreError?) -> Void)
        case refused(any Error)
    }

    private func commit(_ jobs: [WriteJob]) {
        var outcomes: [Outcome] = []
        var users: [UserState] = []
        var failure: StoreError?
        let generation = news.generation
        do {
            try transact { transaction in
                outcomes = []
                let batch = WriteBatch(
                    db: transaction,
                    keys: transaction,
                    cache: cache,
                    limits: limits,
                    now: now()
                )
                for job in jobs {
                    outcomes.append(try run(job, in: batch, transaction, isOnly: jobs.count == 1))
                }
                users = try finish(batch, transaction)
                return !users.isEmpty || !batch.actions.isEmpty
            }
            news.publish(users, since: generation)
            statistics.withLock { $0.writes += outcomes.count }
        } catch {
            let mapped = StoreFailure.map(error, directory: directory, pseudonym: "the batch")
            failure = mapped
            statistics.withLock { $0.lastFailure = mapped.description }
            // It may have been committed all the same.
            news.drop(users.map(\.tag))
        }
        for (index, job) in jobs.enumerated() {
            switch outcomes.indices.contains(index) ? outcomes[index] : nil {
            case .done(let completion): completion(failure)
            case .refused(let error): job.fail(error)
            case nil: job.fail(failure ?? StoreError.closed)
            }
        }
    }

    private func run(
        _ job: WriteJob,
        in batch: WriteBatch,
        _ transaction: FleetTransaction,
        isOnly: Bool
    ) throws -> Outcome {
        let before = batch.savepoint()
        let connection = transaction.connection
        if !isOnly { try connection.run("SAVEPOINT job") }
        do {
            let completion = try job.run(batch)
            if !isOnly { try connection.run("RELEASE SAVEPOINT job") }
            return .done(completion)
        } catch let error as PostgresError {
            throw error
        } catch let error as FleetTransaction.KeysChanged {
            throw error
        } catch {
            batch.restore(before)
            try connection.run(isOnly ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT job")
            return .refused(error)
        }
    }

    /// Writes heads, the audit log and what the other hosts are to hear; gives the users that changed.
    private func finish(
        _ batch: WriteBatch,
        _ transaction: FleetTransaction
    ) throws -> [UserState] {
        let changed = batch.users.values.filter(\.isDirty).map(\.tag)
        guard !changed.isEmpty || !batch.actions.isEmpty else { return [] }
        try batch.writeHeads()
        let users = changed.compactMap { batch.users[$0] }
        try remember(.consent, batch.withdrawn.map(\.raw), transaction) {
            try self.erasures.append(consents: batch.withdrawn)
        }
        try enter(batch.actions, at: batch.now, transaction.connection)
        try tell(users.map(news.message), transaction.connection)
        return users
    }

    /// Enters into this host's log what a transaction does; the server keeps where the log then stands.
    func enter(
        _ actions: [AuditAction],
        at time: Date,
        _ connection: PostgresConnection,
        signing: Bool = false
    ) throws {
        guard !actions.isEmpty || signing else { return }
        let mark = try audit.append(
            actions,
            recorded: try host.mark(connection) ?? AuditLog.Mark.none,
            at: time,
            signing: signing
        )
        try host.save(mark, connection)
    }

    /// Has it remembered what must not come back: here first, durable, and on the server.
    func remember(
        _ kind: ErasureRecord.Kind,
        _ erased: [UInt128],
        _ transaction: FleetTransaction,
        here: () throws -> Void
    ) throws {
        guard !erased.isEmpty else { return }
        try here()
        let codes = ErasureLedger.codes(names.audit)
        for name in erased {
            let record = ErasureRecord(kind, named: name, of: names.database, codes: codes)
            try remember(record, transaction.connection)
        }
    }

    func remember(_ record: ErasureRecord, _ connection: PostgresConnection) throws {
        try connection.run(
            """
            INSERT INTO prefd_erasures (record) VALUES ($1)
            ON CONFLICT (record) DO UPDATE SET record = excluded.record
            """,
            [.bytes(record.bytes)]
        )
    }

    /// Tells every host with the commit.
    func tell(_ messages: [String], _ connection: PostgresConnection) throws {
        guard isTelling.withLock({ $0 }) else { return }
        // A message is at most 8,000 bytes; one user is less than 90.
        for start in stride(from: 0, to: messages.count, by: 80) {
            let text = messages[start..<min(start + 80, messages.count)].joined(separator: " ")
            try connection.run("SELECT pg_notify('prefd', $1)", [.text(text)])
        }
    }
}
