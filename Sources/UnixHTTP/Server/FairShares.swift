import NIOCore

/// Work of several users that waits for one thread, and whose turn is next.
///
/// The turn is whose work has cost least. What work costs is its time, as many times as its user had
/// work waiting: so whoever asks for one thing goes before whoever asks for a hundred at once, who still
/// has turns.
struct FairShares<Work> {
    private struct User {
        var waiting = CircularBuffer<Work>()
        var cost: Int64
    }

    /// The most that a user is behind others for what they had, in nanoseconds.
    private static var mostDebt: Int64 { 100_000_000 }

    private var users: [UInt32: User] = [:]
    /// The cost at which a user begins: that of the last turn.
    private var floor: Int64 = 0

    /// Adds work of a user, behind what they have waiting.
    mutating func add(_ work: Work, of uid: UInt32) {
        let floor = floor
        users[uid, default: User(cost: floor)].waiting.append(work)
        // Having been away saves nothing up.
        if users[uid]?.waiting.count == 1 { users[uid]?.cost.raise(to: floor) }
    }

    /// Takes out what is next; nil where nothing waits.
    mutating func next() -> (uid: UInt32, work: Work)? {
        var least: (uid: UInt32, cost: Int64)?
        for (uid, user) in users where !user.waiting.isEmpty {
            if let found = least, found.cost <= user.cost { continue }
            least = (uid, user.cost)
        }
        guard let least, let work = users[least.uid]?.waiting.popFirst() else {
            users.removeAll(keepingCapacity: true)
            return nil
        }
        floor.raise(to: least.cost)
        return (least.uid, work)
    }

    /// Has a user pay for the time that their work took.
    mutating func charge(_ uid: UInt32, nanoseconds: Int64) {
        guard let user = users[uid] else { return }
        let cost = user.cost + nanoseconds * Int64(1 + user.waiting.count)
        users[uid]?.cost = min(cost, floor + Self.mostDebt)
    }
}

extension Int64 {
    fileprivate mutating func raise(to least: Int64) { self = Swift.max(self, least) }
}
