internal import Crypto
internal import PrefModel
internal import Synchronization

/// What a store calls its users where they must not be known: keyed hashes, made in memory.
final class StoreNames: Sendable {
    let database: DatabaseID
    let audit: SymmetricKey
    private let indexKey: Authenticator
    private let pseudonymKey: Authenticator
    /// The tags of those who were asked for lately, at most so many: every request asks for one.
    private static let knownTagsLimit = 4096
    private let knownTags = Mutex<[Principal: IndexTag]>([:])

    init(_ header: KeyringHeader) {
        database = header.database
        audit = header.secrets.audit
        indexKey = header.secrets.index
        pseudonymKey = header.secrets.pseudonym
    }

    /// The keyring's name for a principal.
    func tag(of principal: Principal) -> IndexTag {
        if let known = knownTags.withLock({ $0[principal] }) { return known }
        let made = IndexTag(indexKey.code(for: Array(principal.spelling.utf8)))
        knownTags.withLock { known in
            if known.count >= Self.knownTagsLimit { known.removeAll(keepingCapacity: true) }
            known[principal] = made
        }
        return made
    }

    /// Forgets in memory whose tags these are.
    func forget(_ tags: some Sequence<IndexTag>) {
        let tags = Set(tags)
        knownTags.withLock { known in known = known.filter { !tags.contains($0.value) } }
    }

    /// The name that logs and admins see: `p-` and 16 characters of base 32.
    func pseudonym(of tag: IndexTag) -> String {
        "p-" + Base32.encode(Array(pseudonymKey.code(for: tag.bytes).prefix(10)))
    }
}
