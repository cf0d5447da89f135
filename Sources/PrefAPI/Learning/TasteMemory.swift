internal import FoundationEssentials
internal import PrefModel

/// One user, as far as their signals tell.
struct KnownTastes: Sendable {
    var views: TasteViews
    /// The signals that went in, so that none counts twice.
    var absorbed: Set<String>
    let readAt: Date
    var lastUsed: UInt64 = 0
}

/// What ``Tastes`` remembers of users, within a limit, and who is being read.
struct TasteMemory {
    /// The users whose signals have been read.
    private(set) var known: [Principal: KnownTastes] = [:]
    /// The readings that may still become what is known of a user.
    private(set) var readings: [Principal: Awaited<KnownTastes?>] = [:]
    /// The questions that users have skipped since they were last read.
    private(set) var skipped: [Principal: Set<String>] = [:]
    /// How often anything was forgotten.
    private(set) var losses: UInt64 = 0
    private var uses: UInt64 = 0
    private let limit: Int

    /// Makes a memory for so many users.
    init(limit: Int) { self.limit = max(1, limit) }

    /// What is known of a user, whose turn to be forgotten is then as late as can be.
    mutating func use(_ principal: Principal) -> KnownTastes? {
        uses += 1
        known[principal]?.lastUsed = uses
        return known[principal]
    }

    /// Changes what is known of a user, where anything is.
    mutating func update(_ principal: Principal, _ change: (inout KnownTastes) -> Void) {
        // In place: what is known of a user is large.
        guard let index = known.index(forKey: principal) else { return }
        change(&known.values[index])
    }

    // MARK: Readings

    /// A reading, and whether it is for who asked to carry it out.
    typealias Joined = (reading: Awaited<KnownTastes?>, isNew: Bool)

    /// The reading of a user that is under way, or else a new one.
    mutating func join(_ principal: Principal) -> Joined {
        if let reading = readings[principal] { return (reading, false) }
        let reading = Awaited<KnownTastes?>()
        readings[principal] = reading
        return (reading, true)
    }

    /// What is being read of a user does not count: it may lack what has come, or hold what has gone.
    mutating func discardReading(of principal: Principal) { readings[principal] = nil }

    /// Ends a reading; what it gave is remembered unless it was discarded.
    mutating func end(
        _ reading: Awaited<KnownTastes?>,
        of principal: Principal,
        _ read: KnownTastes?
    ) {
        guard readings[principal] === reading else { return }
        readings[principal] = nil
        guard var read else { return }
        makeRoom()
        uses += 1
        read.lastUsed = uses
        known[principal] = read
    }

    // MARK: Forgetting

    /// Drops what is known of a user, to be read again.
    mutating func drop(_ principal: Principal) {
        known[principal] = nil
        readings[principal] = nil
    }

    /// Drops what is known of everyone, to be read again.
    mutating func dropAll() {
        known = [:]
        readings = [:]
    }

    /// Drops what is known of a user because signals of theirs have gone.
    mutating func forget(_ principal: Principal) {
        losses += 1
        drop(principal)
        skipped[principal] = nil
    }

    /// Drops what is known of everyone because signals have gone.
    mutating func forgetAll() {
        losses += 1
        dropAll()
        skipped = [:]
    }

    /// Drops the quarter that was used longest ago where there are too many.
    private mutating func makeRoom() {
        guard known.count >= limit else { return }
        let oldest = known.sorted { $0.value.lastUsed < $1.value.lastUsed }
        for (principal, _) in oldest.prefix(limit / 4 + 1) { known[principal] = nil }
    }

    // MARK: Questions

    /// Remembers that a user would rather not answer a question.
    mutating func skip(_ question: String, of principal: Principal) {
        if skipped.count >= limit { skipped = [:] }
        skipped[principal, default: []].insert(question)
    }
}
