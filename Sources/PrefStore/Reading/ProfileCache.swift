internal import PrefModel
internal import Synchronization

/// The users that were last used, in memory: at most so many.
///
/// Two generations: what is used lands in the young one; when that is half the limit, it becomes
/// the old one, and the old one is dropped. The lock is held for look-ups only.
final class ProfileCache: Sendable {
    /// One user, as of the last committed write.
    final class Entry: Sendable {
        let state: UserState
        let profile: Profile

        init(_ state: UserState) {
            self.state = state
            profile = state.profile
        }
    }

    /// A load from disk under way.
    ///
    /// What it finds is kept only where no write came in between.
    struct Load {
        let tag: IndexTag
        fileprivate let number: UInt64
    }

    private struct Content {
        var young: [IndexTag: Entry] = [:]
        var old: [IndexTag: Entry] = [:]
        /// Of whom nothing was stored when they were looked for.
        var absent: Set<IndexTag> = []
        var loads: [IndexTag: Set<UInt64>] = [:]
        var lastLoad: UInt64 = 0
    }

    private let half: Int
    private let absentLimit = 65_536
    private let content = Mutex(Content())

    init(limit: Int) { half = max(1, limit / 2) }

    subscript(tag: IndexTag) -> Entry? {
        content.withLock { content in
            if let entry = content.young[tag] { return entry }
            guard let entry = content.old.removeValue(forKey: tag) else { return nil }
            insert(entry, into: &content)
            return entry
        }
    }

    /// Whether nothing was stored of a user when they were looked for, and has not been since.
    func isAbsent(_ tag: IndexTag) -> Bool { content.withLock { $0.absent.contains(tag) } }

    /// Takes over what a write committed.
    func publish(_ state: UserState) {
        let entry = Entry(state)
        content.withLock { content in
            content.loads[state.tag] = nil
            content.old[state.tag] = nil
            content.absent.remove(state.tag)
            insert(entry, into: &content)
        }
    }

    /// Forgets users.
    func drop(_ tags: some Sequence<IndexTag>) {
        content.withLock { content in
            for tag in tags {
                content.loads[tag] = nil
                content.young[tag] = nil
                content.old[tag] = nil
                content.absent.remove(tag)
            }
        }
    }

    /// Forgets everyone.
    func dropAll() {
        content.withLock { content in
            content.loads = [:]
            content.young = [:]
            content.old = [:]
            content.absent = []
        }
    }

    func beginLoad(_ tag: IndexTag) -> Load {
        content.withLock { content in
            content.lastLoad += 1
            content.loads[tag, default: []].insert(content.lastLoad)
            return Load(tag: tag, number: content.lastLoad)
        }
    }

    /// Ends a load that failed.
    func abandon(_ load: Load) {
        content.withLock { content in
            content.loads[load.tag]?.remove(load.number)
            if content.loads[load.tag]?.isEmpty == true { content.loads[load.tag] = nil }
        }
    }

    /// Ends a load, found or not, and gives what is newest.
    func endLoad(_ load: Load, found state: UserState?) -> Entry? {
        let found = state.map(Entry.init)
        return content.withLock { content in
            let isCurrent = content.loads[load.tag]?.remove(load.number) != nil
            if content.loads[load.tag]?.isEmpty == true { content.loads[load.tag] = nil }
            if let newer = content.young[load.tag] ?? content.old[load.tag] { return newer }
            guard isCurrent else { return found }
            if let found {
                insert(found, into: &content)
            } else {
                if content.absent.count >= absentLimit { content.absent = [] }
                content.absent.insert(load.tag)
            }
            return found
        }
    }

    private func insert(_ entry: Entry, into content: inout Content) {
        if content.young.count >= half, content.young[entry.state.tag] == nil {
            content.old = content.young
            content.young = [:]
        }
        content.young[entry.state.tag] = entry
    }
}
