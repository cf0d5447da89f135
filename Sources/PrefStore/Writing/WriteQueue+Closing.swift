internal import GRDB
internal import Synchronization

extension WriteQueue {
    /// Why the last transaction failed, or nil where it did not.
    var lastFailure: String? { statistics.withLock { $0.lastFailure } }

    /// Takes no more writes, commits those that wait, tells the keyring how far the database is,
    /// empties the log and closes the database.
    func close() async {
        let wasClosed = waiting.withLock { waiting in
            defer { waiting.isClosed = true }
            return waiting.isClosed
        }
        guard !wasClosed else { return }
        await withCheckedContinuation { continuation in
            finishWaiting { continuation.resume() }
        }
        cache.dropAll()
        // Readers go first, so that the writer is the last one and takes the log's files with it. A
        // connection that does not close now closes when the process ends.
        pool.releaseMemory()
        do { try pool.close() } catch {}
        keyring.directory.folder.unlock()
    }

    /// Comes back to the end of the writer queue until nothing waits any more.
    private func finishWaiting(_ done: @escaping @Sendable () -> Void) {
        pool.asyncWriteWithoutTransaction { db in
            guard self.waiting.withLock({ !$0.isDraining }) else { return self.finishWaiting(done) }
            self.commit([], on: db, flushing: true)
            self.ledger.withLock { ledger in
                ledger.needsTruncation = true
                ledger.isRetryingTruncation = false
                self.markAndTruncate(db, ledger: &ledger)
            }
            // Unsynced, the keyring only notices an older database later.
            do { try self.keyring.sync() } catch {}
            done()
        }
    }
}
