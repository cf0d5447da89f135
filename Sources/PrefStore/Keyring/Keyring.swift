internal import Crypto
internal import PrefModel
internal import Synchronization

/// The file that knows who is who: each user's random handle and wrapped data key, under a keyed
/// hash of the principal.
///
/// New users are appended; erasing rewrites the file. Looking a user up takes a lock that is never
/// held across a disk write, so readers do not wait for writers. Appending and rewriting are the
/// write queue's alone.
final class Keyring: Sendable {
    /// What readers use.
    struct Lookup {
        var file: File
        var keys: KeyringHeader.WrappingKeys
        var index: [IndexTag: UInt32]
        /// Users whose rows are being sealed anew: for a moment, keyring and rows may disagree.
        var rotating: Set<IndexTag> = []
    }

    /// What only the write queue uses, across disk writes.
    struct Tail {
        var file: File
        var header: KeyringHeader
        var keys: KeyringHeader.WrappingKeys
        var slots: Int
        var lastCode: [UInt8]
        var erased: [Handle]
        /// A failed append could not be undone yet.
        var needsTruncation = false
        /// A rename could not be made durable yet.
        var needsFolderSync = false
    }

    let directory: StateDirectory
    let database: DatabaseID
    let audit: SymmetricKey
    /// Where a data key's rotation may not have been finished: the slot of another epoch, as read.
    let rotations: [IndexTag: UInt32]
    private let indexKey: Authenticator
    private let pseudonymKey: Authenticator
    /// The tags of those who were asked for lately, at most so many: every request asks for one.
    private static let knownTagsLimit = 4096
    private let knownTags = Mutex<[Principal: IndexTag]>([:])
    let lookup: Mutex<Lookup>
    let tail: Mutex<Tail>

    init(_ contents: KeyringReader.Contents, file: File, in directory: StateDirectory) {
        self.directory = directory
        database = contents.header.database
        audit = contents.header.secrets.audit
        indexKey = contents.header.secrets.index
        pseudonymKey = contents.header.secrets.pseudonym
        rotations = contents.rotations
        lookup = Mutex(Lookup(file: file, keys: contents.keys, index: contents.index))
        tail = Mutex(
            Tail(
                file: file,
                header: contents.header,
                keys: contents.keys,
                slots: contents.slots,
                lastCode: contents.lastCode,
                erased: contents.erased,
                needsTruncation: contents.hasTornTail
            )
        )
    }

    // MARK: Names

    /// The keyring's name for a principal.
    ///
    /// Memory only.
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
    func forgetNames(of tags: some Sequence<IndexTag>) {
        let tags = Set(tags)
        knownTags.withLock { known in known = known.filter { !tags.contains($0.value) } }
    }

    /// The name that logs and admins see: `p-` and 16 characters of base 32.
    ///
    /// Memory only.
    func pseudonym(of tag: IndexTag) -> String {
        "p-" + Base32.encode(Array(pseudonymKey.code(for: tag.bytes).prefix(10)))
    }

    // MARK: Looking up

    /// Whether there is an entry.
    ///
    /// Memory only.
    func contains(_ tag: IndexTag) -> Bool { lookup.withLock { $0.index[tag] != nil } }

    /// Every entry's name, in no order.
    ///
    /// Memory only.
    var tags: [IndexTag] { lookup.withLock { Array($0.index.keys) } }

    /// How many entries there are.
    ///
    /// Memory only.
    var userCount: Int { lookup.withLock { $0.index.count } }

    /// Reads one user's entry, or nil where there is none.
    ///
    /// Reads the disk, never waits for a write.
    ///
    /// - Throws: ``StoreError/keyringDamaged(directory:part:)`` where it does not open any more.
    func entry(_ tag: IndexTag) throws(StoreError) -> KeyringEntry? {
        while true {
            let (slot, file, keys) = lookup.withLock { ($0.index[tag], $0.file, $0.keys) }
            guard let slot else { return nil }
            if let entry = open(slot: slot, of: file, under: keys), entry.tag == tag {
                return entry
            }
            // A rewrite may have taken the file's place, and blanked the entry, in between.
            guard lookup.withLock({ $0.file !== file }) else {
                throw .keyringDamaged(directory: directory.path, part: "an entry does not open")
            }
        }
    }

    func open(
        slot: UInt32,
        of file: File,
        under keys: KeyringHeader.WrappingKeys
    ) -> KeyringEntry? {
        let offset = KeyringReader.slotsOffset + Int(slot) * KeyringSlot.byteCount
        do {
            let bytes = try file.read(count: KeyringSlot.byteCount, at: offset)
            return try KeyringSlot(bytes)?.open(database: database, wrappingKey: keys.entries)
        } catch {
            return nil
        }
    }
}
