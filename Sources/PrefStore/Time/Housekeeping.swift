internal import FoundationEssentials
public import PrefModel

/// Deletes what has expired and gives space back, bit by bit, while the store is in use.
///
/// What has expired is not served any more from its moment on; here it leaves the disk, an hour later at
/// most by a clock that is right.
public actor Housekeeping {
    /// What one round came to.
    public struct Round: Sendable, Equatable {
        /// The signals and excerpts that were deleted.
        public var records = 0
        /// Whose they were, to be forgotten where more was made of them.
        public var principals: Set<Principal> = []
        /// Pages of the database that the file system has back.
        public var pages = 0
        /// Whether the system's clock is doubted, so that what it says has expired is kept for now.
        public var doubtsClock = false
    }

    private static let usersPerLook = 256
    private static let recordsPerWrite = 128

    private let store: Store
    private let running: @Sendable () -> Double
    private let record: TimeRecord
    private var time: TrustedTime?

    /// Makes one for a store.
    public init(store: Store) {
        let start = ContinuousClock.now
        self.init(store: store) {
            let (seconds, attoseconds) = (ContinuousClock.now - start).components
            return Double(seconds) + Double(attoseconds) * 1e-18
        }
    }

    init(store: Store, running: @escaping @Sendable () -> Double) {
        self.store = store
        self.running = running
        record = TimeRecord(in: store.directory)
    }

    /// One round; for every few minutes.
    ///
    /// - Throws: ``StoreError``: what was deleted until then is.
    public func tidy() async throws(StoreError) -> Round {
        var round = Round()
        do {
            let now = try trustedTime()
            round.doubtsClock = time?.isDoubtful ?? false
            try await removeExpired(upTo: now, in: &round)
            round.pages = try await store.engine.tidy(deleted: round.records)
            return round
        } catch {
            throw StoreFailure.map(
                error,
                directory: store.directory.path,
                pseudonym: "what has expired"
            )
        }
    }

    private func trustedTime() throws -> Date {
        var time = try self.time ?? TrustedTime(kept: record.read(), running: running())
        let before = time.believed
        let now = time.time(wall: store.now(), running: running())
        self.time = time
        if let believed = time.believed, believed != before { try record.write(believed) }
        return now
    }

    private func removeExpired(upTo now: Date, in round: inout Round) async throws {
        let hour = Int64((now.timeIntervalSince1970 / 3_600).rounded(.down))
        var last: Handle?
        while true {
            let handles = try await store.engine.handles(
                after: last,
                expiredBy: hour,
                limit: Self.usersPerLook
            )
            guard let end = handles.last else { return }
            last = end
            // Those whom the keyring does not know were erased meanwhile.
            for tag in try await store.engine.tags(of: Set(handles)).values {
                try await removeExpired(of: tag, upTo: hour, in: &round)
            }
        }
    }

    private func removeExpired(
        of tag: IndexTag,
        upTo hour: Int64,
        in round: inout Round
    ) async throws {
        while true {
            let start = ContinuousClock.now
            let expired = try await store.queue.write(about: tag) { batch in
                try batch.removeExpired(tag, upTo: hour, limit: Self.recordsPerWrite)
            }
            guard expired.records > 0 else { return }
            round.records += expired.records
            if let principal = Principal(spelling: expired.principal) {
                round.principals.insert(principal)
            }
            // Half of the time is the others', however much there is to do.
            try await Task.sleep(for: ContinuousClock.now - start)
        }
    }
}
