internal import FoundationEssentials
internal import GRDB
internal import Synchronization

/// Commits writes in groups: whatever waits while one transaction is made durable goes into the
/// next one together.
///
/// A write is acknowledged after its commit is on disk.
///
/// All writing, to keyring and database, happens on the database's writer queue, one batch at a
/// time.
final class WriteQueue: Sendable {
    /// What `drain` does next; erasures go by themselves, several in one rewrite of the keyring.
    enum Work: Sendable {
        case write(WriteJob)
        case erasure(ErasureJob)
    }

    struct Waiting {
        var work: [Work] = []
        var isDraining = false
        var isClosed = false
    }

    /// What only the writer queue uses.
    struct Ledger {
        /// The database's state row as of the last commit.
        var state: DatabaseState
        /// An erasure's rows are not deleted yet, though its keys are gone.
        var needsReplay: Bool
        /// Deleted content may still be in the write-ahead log.
        var needsTruncation = false
        /// What the audit log was to say with a commit that failed, though it was done.
        var owed: [AuditAction] = []
        var isRetryingTruncation = false
        /// Users whose heads the keyring does not know yet.
        var unflushed: [IndexTag: (counter: UInt64, chain: [UInt8])] = [:]
        var lastFlush = ContinuousClock.now
    }

    /// Transactions and writes since opening, and the last failure.
    struct Statistics {
        var transactions = 0
        var writes = 0
        var lastFailure: String?
    }

    static let writesPerBatch = 256
    let pool: DatabasePool
    let keyring: Keyring
    let erasures: ErasureLedger
    let cache: ProfileCache
    let audit: AuditLog
    let limits: StoreLimits
    let now: @Sendable () -> Date
    let directory: String
    let codes: Authenticator
    let waiting = Mutex(Waiting())
    let ledger: Mutex<Ledger>
    let statistics = Mutex(Statistics())

    init(
        pool: DatabasePool,
        keyring: Keyring,
        erasures: ErasureLedger,
        cache: ProfileCache,
        audit: AuditLog,
        limits: StoreLimits,
        state: DatabaseState,
        needsReplay: Bool,
        now: @escaping @Sendable () -> Date
    ) {
        self.pool = pool
        self.keyring = keyring
        self.erasures = erasures
        self.cache = cache
        self.audit = audit
        self.limits = limits
        self.now = now
        directory = keyring.directory.path
        codes = DatabaseState.codes(keyring.audit)
        ledger = Mutex(Ledger(state: state, needsReplay: needsReplay))
    }

    /// Runs a write in the next transaction, and returns once it is on disk.
    ///
    /// - Throws: ``StoreError``; nothing of the write is then kept.
    func write<Value: Sendable>(
        about tag: IndexTag,
        _ body: @escaping @Sendable (WriteBatch) throws -> Value
    ) async throws(StoreError) -> Value {
        let pseudonym = keyring.pseudonym(of: tag)
        let directory = directory
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let job = WriteJob(
                run: { batch in
                    let value = try body(batch)
                    return { failure in
                        continuation.resume(
                            returning: failure.map(Result.failure) ?? .success(value)
                        )
                    }
                },
                fail: { error in
                    continuation.resume(
                        returning: .failure(
                            StoreFailure.map(error, directory: directory, pseudonym: pseudonym)
                        )
                    )
                }
            )
            enqueue(.write(job))
        }
        return try result.get()
    }

    /// Erases one user, and returns once keys, rows and log are gone from the disk.
    ///
    /// - Throws: ``StoreError/unavailable(reason:)``.
    func erase(
        _ tag: IndexTag,
        receipt: String
    ) async throws(StoreError) -> ErasureReceipt.Counts {
        let pseudonym = keyring.pseudonym(of: tag)
        let directory = directory
        let result: Result<ErasureReceipt.Counts, StoreError> = await withCheckedContinuation {
            continuation in
            let job = ErasureJob(tag: tag, receipt: receipt) { result in
                continuation.resume(
                    returning: result.mapError {
                        StoreFailure.map($0, directory: directory, pseudonym: pseudonym)
                    }
                )
            }
            enqueue(.erasure(job))
        }
        return try result.get()
    }

    private func enqueue(_ work: Work) {
        let isClosed = waiting.withLock { waiting in
            if waiting.isClosed { return true }
            waiting.work.append(work)
            guard !waiting.isDraining else { return false }
            waiting.isDraining = true
            scheduleDrain()
            return false
        }
        guard isClosed else { return }
        switch work {
        case .write(let job): job.fail(StoreError.closed)
        case .erasure(let job): job.done(.failure(StoreError.closed))
        }
    }

    private func scheduleDrain() {
        pool.asyncWriteWithoutTransaction { db in
            self.runNext(db)
            let isDone = self.waiting.withLock { waiting in
                if waiting.work.isEmpty { waiting.isDraining = false }
                return waiting.work.isEmpty
            }
            if !isDone { self.scheduleDrain() }
        }
    }

    private func runNext(_ db: Database) {
        let next = waiting.withLock { waiting -> [Work] in
            guard let first = waiting.work.first else { return [] }
            let run = waiting.work.prefix(Self.writesPerBatch).prefix {
                $0.isErasure == first.isErasure
            }
            waiting.work.removeFirst(run.count)
            return Array(run)
        }
        let writes = next.compactMap(\.writeJob)
        let erasures = next.compactMap(\.erasureJob)
        if !writes.isEmpty { commit(writes, on: db) }
        if !erasures.isEmpty { erase(erasures, on: db) }
    }
}

/// One write that waits for its transaction.
struct WriteJob: Sendable {
    /// Does the write inside the transaction; what it returns is called after the commit, with nil,
    /// or with why there was none.
    let run: @Sendable (WriteBatch) throws -> @Sendable (StoreError?) -> Void
    /// Called instead where the write itself failed.
    let fail: @Sendable (any Error) -> Void
}

/// One user who waits to be erased.
struct ErasureJob: Sendable {
    let tag: IndexTag
    /// The id of the receipt that it will have.
    let receipt: String
    let done: @Sendable (Result<ErasureReceipt.Counts, any Error>) -> Void
}

extension WriteQueue.Work {
    fileprivate var writeJob: WriteJob? { if case .write(let job) = self { job } else { nil } }
    fileprivate var erasureJob: ErasureJob? {
        if case .erasure(let job) = self { job } else { nil }
    }
    fileprivate var isErasure: Bool { erasureJob != nil }
}
