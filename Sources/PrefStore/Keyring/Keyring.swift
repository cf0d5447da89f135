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
    let names: StoreNames
    /// Where a data key's rotation may not have been finished: the slot of another epoch, as read.
    let rotations: [IndexTag: UInt32]
    let lookup: Mutex<Lookup>
    let tail: Mutex<Tail>

    init(_ contents: KeyringReader.Contents, file: File, in directory: StateDirectory) {
        self.directory = directory
        names = StoreNames(contents.header)
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

    var database: DatabaseID { names.database }
    var audit: SymmetricKey { names.audit }
    func tag(of principal: Principal) -> IndexTag { names.tag(of: principal) }
    func pseudonym(of tag: IndexTag) -> String { names.pseudonym(of: tag) }
    func forgetNames(of tags: some Sequence<IndexTag>) { names.forget(tags) }

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
