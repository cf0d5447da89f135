internal import Glibc
internal import Synchronization

extension Keyring {
    /// Another master key to go under, and the day on which it comes.
    struct MasterKeyChange {
        let master: MasterKey
        let today: UInt64
    }

    /// Whether so many slots were superseded that a rewrite pays.
    var isWorthCompacting: Bool {
        let slots = extent.slots
        return slots > UInt64(2 * userCount + 4096)
    }

    /// Rewrites the file without the given users, and remembers that their handles are erased:
    /// written, synced, renamed, the directory synced.
    ///
    /// On failure before the rename the file is as before.
    ///
    /// The old file's copies of the erased data keys are then overwritten as well, where no other
    /// name (a backup made of hard links) still leads to it; so are those that users of `retiring`
    /// had before their newest.
    ///
    /// With a `change` of the master key every entry is wrapped anew. Only when this returns is the
    /// file durable under the new key: until then both keys must be kept.
    func rewrite(
        erasing tags: Set<IndexTag> = [],
        retiring: Set<IndexTag> = [],
        change: MasterKeyChange? = nil
    ) throws(WriteFailure) {
        try tail.withLock { tail throws(WriteFailure) in
            try settle(&tail)
            var next = tail
            next.header.generation += 1
            if let change {
                next.header.rotate(today: change.today)
                next.keys = KeyringHeader.WrappingKeys(
                    master: change.master,
                    salt: next.header.salt
                )
            }
            let live = lookup.withLock { $0.index }
            var deadSlots: [Int] = []
            do throws(SystemCall) {
                next.file = try File(
                    StateDirectory.keyringDraftName,
                    in: directory.folder,
                    flags: O_RDWR | O_CREAT | O_TRUNC
                )
            } catch {
                throw .system(error)
            }
            let index: [IndexTag: UInt32]
            do {
                index = try copy(
                    tail,
                    to: &next,
                    live: live,
                    erasing: tags,
                    retiring: retiring,
                    deadSlots: &deadSlots
                )
                try next.file.sync()
                try directory.folder.rename(
                    StateDirectory.keyringDraftName,
                    to: StateDirectory.keyringName
                )
            } catch {
                // A draft that cannot be removed now is overwritten by the next one.
                do { try directory.folder.remove(StateDirectory.keyringDraftName) } catch {}
                throw (error as? SystemCall).map(WriteFailure.system) ?? .sealing
            }
            let old = tail.file
            tail = next
            tail.needsFolderSync = true
            lookup.withLock { lookup in
                lookup.file = next.file
                lookup.keys = next.keys
                lookup.index = index
            }
            try settle(&tail)
            blank(deadSlots, of: old)
        }
    }

    private func copy(
        _ old: Tail,
        to next: inout Tail,
        live: [IndexTag: UInt32],
        erasing tags: Set<IndexTag>,
        retiring: Set<IndexTag>,
        deadSlots: inout [Int]
    ) throws -> [IndexTag: UInt32] {
        let header = try next.header.encode(with: next.keys)
        let isRewrapping = next.keys.id != old.keys.id
        let marks = try markSector(of: old, under: isRewrapping ? next.keys : nil)
        try next.file.write(header + marks, at: 0)
        var writer = SlotWriter(file: next.file, codes: next.keys.codes, after: header)
        var index: [IndexTag: UInt32] = [:]
        index.reserveCapacity(live.count)
        for handle in old.erased { try writer.append(KeyringSlot(erased: handle)) }
        for number in 0..<old.slots {
            let offset = KeyringReader.slotsOffset + number * KeyringSlot.byteCount
            let bytes = try old.file.read(count: KeyringSlot.byteCount, at: offset)
            guard let slot = KeyringSlot(bytes) else { throw Envelope.Damaged() }
            guard slot.kind == .user else { continue }
            let isNewest = live[slot.tag] == UInt32(number)
            if tags.contains(slot.tag) {
                deadSlots.append(number)
                if isNewest {
                    next.erased.append(slot.handle)
                    try writer.append(KeyringSlot(erased: slot.handle))
                }
            } else if isNewest {
                index[slot.tag] = UInt32(writer.slots)
                try writer.append(isRewrapping ? rewrap(slot, from: old, to: next) : slot)
            } else if retiring.contains(slot.tag) {
                deadSlots.append(number)
            }
        }
        try writer.flush()
        // A slot whose name was damaged since it was read would be left out without a word.
        guard index.count + next.erased.count - old.erased.count == live.count else {
            throw Envelope.Damaged()
        }
        next.slots = writer.slots
        next.lastCode = writer.lastCode
        return index
    }

    private func rewrap(_ slot: KeyringSlot, from old: Tail, to next: Tail) throws -> KeyringSlot {
        try KeyringSlot(
            slot.open(database: database, wrappingKey: old.keys.entries),
            database: database,
            wrappingKey: next.keys.entries
        )
    }

    /// The commit marks, as they are or under new codes.
    private func markSector(
        of old: Tail,
        under keys: KeyringHeader.WrappingKeys?
    ) throws -> [UInt8] {
        let sector = try old.file.read(
            count: KeyringMark.sectorBytes,
            at: KeyringMark.sectorOffset
        )
        guard let keys else { return sector }
        guard let mark = KeyringMark(reading: sector, database: database, codes: old.keys.codes)
        else { throw Envelope.Damaged() }
        return mark.encodeSector(database: database, codes: keys.codes)
    }

    private func blank(_ slots: [Int], of old: File) {
        // Best effort: the entries are out of the keyring already, this only shortens the time in
        // which the disk's free blocks still hold them.
        do {
            guard try old.status().links == 0 else { return }
            let zeros = [UInt8](repeating: 0, count: KeyringSlot.byteCount)
            for slot in slots {
                try old.write(
                    zeros,
                    at: KeyringReader.slotsOffset + slot * KeyringSlot.byteCount
                )
            }
            try old.sync()
        } catch {}
    }
}

/// Writes slots one after the other, in large writes.
private struct SlotWriter {
    private static let bufferBytes = 1 << 20
    private let file: File
    private let codes: Authenticator
    private var buffer: [UInt8] = []
    private var offset = KeyringReader.slotsOffset
    private(set) var lastCode: [UInt8]
    private(set) var slots = 0

    init(file: File, codes: Authenticator, after header: [UInt8]) {
        self.file = file
        self.codes = codes
        lastCode = Array(header.suffix(Authenticator.byteCount))
    }

    mutating func append(_ slot: KeyringSlot) throws(SystemCall) {
        let bytes = slot.encode(sequence: slots, after: lastCode, codes: codes)
        lastCode = Array(bytes[KeyringSlot.codeOffset...])
        buffer += bytes
        slots += 1
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    mutating func flush() throws(SystemCall) {
        try file.write(buffer, at: offset)
        offset += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
