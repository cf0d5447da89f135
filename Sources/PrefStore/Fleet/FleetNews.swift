internal import Synchronization

/// What this host hears of the others' writes, and what of it is in memory.
///
/// A profile is kept in memory only where nobody has written about its user since: what is committed is
/// told to every host, and what was told is compared with what is to be kept, whichever comes first.
final class FleetNews: Sendable {
    private struct State {
        /// Counts the times at which everything became doubtful.
        var generation: UInt64 = 0
        /// The newest version that was told, of those who were told of lately.
        var versions: [IndexTag: UInt64] = [:]
    }

    private static let limit = 65_536
    private let host: RowID
    private let cache: ProfileCache
    private let names: StoreNames
    private let listener = Mutex<(@Sendable (Set<String>?) -> Void)?>(nil)
    private let state = Mutex(State())

    init(host: RowID, cache: ProfileCache, names: StoreNames) {
        self.host = host
        self.cache = cache
        self.names = names
    }

    /// Has something told of users whom another host wrote about, by pseudonym; of everyone, where it is nil.
    func tell(_ listener: @escaping @Sendable (Set<String>?) -> Void) {
        self.listener.withLock { $0 = listener }
    }

    private func pass(on changed: Set<String>?) { listener.withLock { $0 }?(changed) }

    /// A mark of now, for ``publish(_:since:)``.
    var generation: UInt64 { state.withLock { $0.generation } }

    /// Keeps in memory what this host has committed, unless it has been told of something newer.
    func publish(_ users: some Sequence<UserState>, since generation: UInt64) {
        state.withLock { state in
            for user in users {
                if state.generation == generation,
                    state.versions[user.tag] ?? 0 <= user.head.counter
                {
                    cache.publish(user)
                } else {
                    cache.drop([user.tag])
                }
            }
        }
    }

    /// Forgets users, whatever is on its way into memory.
    func drop(_ tags: some Collection<IndexTag>) {
        state.withLock { state in
            state.generation += 1
            for tag in tags { state.versions[tag] = nil }
            cache.drop(tags)
        }
    }

    /// Forgets everyone: something may have been missed.
    func dropAll() {
        state.withLock { state in
            state.generation += 1
            state.versions = [:]
            cache.dropAll()
        }
        pass(on: nil)
    }

    // MARK: Over the wire: hexadecimal, and nothing but blind indexes

    /// What to tell of a write.
    func message(_ user: UserState) -> String {
        "\(Hex.encode(host.bytes)):\(Hex.encode(user.tag.bytes)):\(user.head.counter)"
    }

    /// What to tell of an erasure, or of a new data key.
    func message(renewed tag: IndexTag) -> String {
        "\(Hex.encode(host.bytes)):\(Hex.encode(tag.bytes)):-"
    }

    /// Takes in what was told; each message is one or more, a space between two.
    func hear(_ messages: [String]) {
        var foreign: Set<IndexTag> = []
        for message in messages.flatMap({ $0.split(separator: " ") }) {
            let parts = message.split(separator: ":")
            guard parts.count == 3, let from = Hex.decode(String(parts[0])),
                let bytes = Hex.decode(String(parts[1])), bytes.count == IndexTag.byteCount
            else { continue }
            let tag = IndexTag(bytes)
            let isForeign = from != host.bytes
            if isForeign { foreign.insert(tag) }
            if let version = UInt64(parts[2]) {
                hear(version, of: tag)
            } else if isForeign {
                drop([tag])
                names.forget([tag])
            }
        }
        if !foreign.isEmpty { pass(on: Set(foreign.map { names.pseudonym(of: $0) })) }
    }

    private func hear(_ version: UInt64, of tag: IndexTag) {
        state.withLock { state in
            if state.versions.count >= Self.limit {
                state.versions = [:]
                state.generation += 1
            }
            state.versions[tag] = max(version, state.versions[tag] ?? 0)
            if cache.version(of: tag) ?? 0 < version { cache.drop([tag]) }
        }
    }
}

extension ProfileCache {
    /// The version of a user in memory, or nil.
    fileprivate func version(of tag: IndexTag) -> UInt64? { self[tag]?.state.head.counter }
}
