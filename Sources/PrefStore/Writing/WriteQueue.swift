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
final class WriteQueue: WorkQueue {
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

    let pool: DatabasePool
    let keyring: Keyring
    let erasures: ErasureLedger
    let cache: ProfileCache
    let audit: AuditLog
    let limits: StoreLimits
    let now: @Sendable () -> Date
    let directory: String
    var names: StoreNames { keyring.names }
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

    func enqueue(_ work: Work) {
        let isTaken = waiting.withLock { waiting in
            guard waiting.add(work) else { return false }
            guard !waiting.isDraining else { return true }
            waiting.isDraining = true
            scheduleDrain()
            return true
        }
        if !isTaken { work.fail(.closed) }
    }

    private func scheduleDrain() {
        pool.asyncWriteWithoutTransaction { db in
            let (writes, erasures) = self.waiting.withLock { $0.next() }
            if !writes.isEmpty { self.commit(writes, on: db) }
            if !erasures.isEmpty { self.erase(erasures, on: db) }
            let isDone = self.waiting.withLock { waiting in
                if waiting.work.isEmpty { waiting.isDraining = false }
                return waiting.work.isEmpty
            }
            if !isDone { self.scheduleDrain() }
        }
    }
}
