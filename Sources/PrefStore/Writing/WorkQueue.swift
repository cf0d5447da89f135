internal import Synchronization

/// Takes writes in the order in which they come, and commits them in groups.
protocol WorkQueue: Sendable {
    var names: StoreNames { get }
    /// Where the store is, for errors.
    var directory: String { get }
    /// Has work done after what waits; where the queue is closed, it fails.
    func enqueue(_ work: Work)
}

/// What waits for the disk; erasures go by themselves, several at once.
enum Work: Sendable {
    case write(WriteJob)
    case erasure(ErasureJob)

    func fail(_ error: StoreError) {
        switch self {
        case .write(let job): job.fail(error)
        case .erasure(let job): job.done(.failure(error))
        }
    }

    var writeJob: WriteJob? { if case .write(let job) = self { job } else { nil } }
    var erasureJob: ErasureJob? { if case .erasure(let job) = self { job } else { nil } }
    fileprivate var isErasure: Bool { erasureJob != nil }
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

/// The work that waits.
struct Waiting {
    private static let writesPerBatch = 256
    private(set) var work: [Work] = []
    var isDraining = false
    var isClosed = false

    /// Takes work; false where the queue is closed.
    mutating func add(_ new: Work) -> Bool {
        if !isClosed { work.append(new) }
        return !isClosed
    }

    /// Gives the next group: writes or erasures.
    mutating func next() -> (writes: [WriteJob], erasures: [ErasureJob]) {
        guard let first = work.first else { return ([], []) }
        let run = work.prefix(Self.writesPerBatch).prefix { $0.isErasure == first.isErasure }
        work.removeFirst(run.count)
        return (run.compactMap(\.writeJob), run.compactMap(\.erasureJob))
    }
}

extension WorkQueue {
    /// Runs a write in the next transaction, and returns once it is on disk.
    ///
    /// - Throws: ``StoreError``; nothing of the write is then kept.
    func write<Value: Sendable>(
        about tag: IndexTag,
        _ body: @escaping @Sendable (WriteBatch) throws -> Value
    ) async throws(StoreError) -> Value {
        let pseudonym = names.pseudonym(of: tag)
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
        let pseudonym = names.pseudonym(of: tag)
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

    /// Commits one entry of the audit log, together with whatever waits.
    func enter(_ action: AuditAction) async throws(StoreError) {
        try await write(about: IndexTag(raw: 0)) { batch in batch.enter(action) }
    }
}
