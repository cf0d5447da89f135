internal import GRDB
internal import Synchronization

extension WriteQueue {
    private static let pagesPerStep = 256
    /// Free pages that are worth giving back: 1 MiB, where that is a quarter of the file.
    private static let leastFreePages = 256

    /// Empties the log of what was deleted; where a reader is still in it, as soon as that one is done.
    func emptyLog() async throws {
        try await pool.writeWithoutTransaction { db in
            self.ledger.withLock { ledger in
                ledger.needsTruncation = true
                self.markAndTruncate(db, ledger: &ledger)
            }
        }
    }

    /// Gives free pages back to the file system, a few at a time, so that no write waits long; says how
    /// many.
    ///
    /// A file that was made before prefd did this keeps its free pages, and uses them again.
    func giveBackPages() async throws -> Int {
        var given = 0
        while true {
            let isFirst = given == 0
            let step = try await pool.writeWithoutTransaction { db -> Int in
                let free = try Self.number("freelist_count", db)
                let pages = try Self.number("page_count", db)
                // Some stay, for the next writes.
                let isWorth = isFirst ? free * 4 > pages : free * 16 > pages
                guard isWorth, free > Self.leastFreePages else { return 0 }
                _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(\(Self.pagesPerStep))")
                return free - (try Self.number("freelist_count", db))
            }
            guard step > 0 else { return given }
            given += step
        }
    }

    private static func number(_ pragma: String, _ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA \(pragma)") ?? 0
    }
}
