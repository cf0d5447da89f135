/// Reads a keyring from its first byte to its last, and verifies each.
struct KeyringReader {
    /// What a keyring holds.
    struct Contents {
        let header: KeyringHeader
        let keys: KeyringHeader.WrappingKeys
        let mark: KeyringMark
        /// Each user's newest slot.
        var index: [IndexTag: UInt32] = [:]
        /// Where a user's slots are of several epochs: the last one of another epoch than the newest.
        var rotations: [IndexTag: UInt32] = [:]
        /// Epochs of the users' newest slots, where they are not the first.
        var epochs: [IndexTag: UInt32] = [:]
        var erased: [Handle] = []
        /// How many slots verify.
        var slots = 0
        /// The last verified slot's code, from which the next goes on.
        var lastCode: [UInt8]
        /// Whether an append that was cut short by a crash follows the slots.
        var hasTornTail = false
    }

    static let firstEpoch: UInt32 = 1
    static let slotsOffset = KeyringMark.sectorOffset + KeyringMark.sectorBytes
    private static let slotsPerRead = 4096
    let directory: String

    /// - Throws: ``StoreError``: a wrong key, or a keyring that does not verify.
    func read(_ file: File, master: MasterKey) throws(StoreError) -> Contents {
        let headerBytes = try bytes(of: file, count: KeyringHeader.byteCount, at: 0)
        let header = try KeyringHeader(reading: headerBytes, master: master, directory: directory)
        let keys = KeyringHeader.WrappingKeys(master: master, salt: header.salt)
        let sector = try bytes(
            of: file,
            count: KeyringMark.sectorBytes,
            at: KeyringMark.sectorOffset
        )
        guard let mark = KeyringMark(reading: sector, database: header.database, codes: keys.codes)
        else { throw damaged("its commit mark was changed") }
        var contents = Contents(
            header: header,
            keys: keys,
            mark: mark,
            lastCode: Array(headerBytes.suffix(Authenticator.byteCount))
        )
        while try readSlots(of: file, into: &contents) {}
        return contents
    }

    /// Reads the next slots; false at the end.
    private func readSlots(of file: File, into contents: inout Contents) throws(StoreError) -> Bool
    {
        let offset = Self.slotsOffset + contents.slots * KeyringSlot.byteCount
        let chunk = try bytes(
            of: file,
            count: Self.slotsPerRead * KeyringSlot.byteCount,
            at: offset
        )
        for start in stride(from: 0, to: chunk.count, by: KeyringSlot.byteCount) {
            let end = start + KeyringSlot.byteCount
            guard end <= chunk.count else {
                contents.hasTornTail = true
                return false
            }
            let bytes = Array(chunk[start..<end])
            let code = contents.keys.codes.code(
                for: contents.lastCode,
                Array(bytes[..<KeyringSlot.codeOffset])
            )
            guard code.equalsInConstantTime(bytes[KeyringSlot.codeOffset...]),
                let slot = KeyringSlot(bytes)
            else {
                // Slots do not cross a disk sector's boundary, so a power cut leaves one either
                // whole or, where it never reached the disk, zero.
                guard bytes.allSatisfy({ $0 == 0 }) else {
                    throw damaged("entry \(contents.slots + 1) was changed")
                }
                contents.hasTornTail = true
                return false
            }
            switch slot.kind {
            case .user: contents.take(slot)
            case .erased: contents.erased.append(slot.handle)
            }
            contents.slots += 1
            contents.lastCode = code
        }
        return chunk.count == Self.slotsPerRead * KeyringSlot.byteCount
    }

    private func bytes(
        of file: File,
        count: Int,
        at offset: Int
    ) throws(StoreError) -> [UInt8] {
        do throws(SystemCall) {
            return try file.read(count: count, at: offset)
        } catch {
            throw damaged("it cannot be read (\(error.reason))")
        }
    }

    private func damaged(_ part: String) -> StoreError {
        .keyringDamaged(directory: directory, part: part)
    }
}

extension KeyringReader.Contents {
    /// Takes a user's next slot, which is at `slots`.
    fileprivate mutating func take(_ slot: KeyringSlot) {
        if let before = index[slot.tag],
            slot.epoch != epochs[slot.tag] ?? KeyringReader.firstEpoch
        {
            rotations[slot.tag] = before
        }
        epochs[slot.tag] = slot.epoch == KeyringReader.firstEpoch ? nil : slot.epoch
        index[slot.tag] = UInt32(slots)
    }
}
