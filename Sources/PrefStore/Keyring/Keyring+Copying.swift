internal import Glibc
internal import Synchronization

extension Keyring {
    private static let slotsPerRead = 4096

    /// Writes a copy of the keyring as it stands into an empty file.
    ///
    /// Only on the writer queue, so that it belongs to one state of the database.
    func copy(to file: File) throws(SystemCall) {
        try tail.withLock { tail throws(SystemCall) in
            var offset = 0
            let end = KeyringReader.slotsOffset + tail.slots * KeyringSlot.byteCount
            while offset < end {
                let chunk = try tail.file.read(count: min(1 << 20, end - offset), at: offset)
                guard !chunk.isEmpty else { throw SystemCall(name: "read", code: EIO) }
                try file.write(chunk, at: offset)
                offset += chunk.count
            }
        }
    }

    /// Finds users by handle; those that are not there are left out.
    ///
    /// Reads the file once from end to end, so for work in the background only. A rewrite meanwhile may
    /// hide some, who are found the next time.
    func tags(of handles: Set<Handle>) throws(SystemCall) -> [Handle: IndexTag] {
        let (file, index) = lookup.withLock { ($0.file, $0.index) }
        var found: [Handle: IndexTag] = [:]
        var number = 0
        while found.count < handles.count {
            let chunk = try file.read(
                count: Self.slotsPerRead * KeyringSlot.byteCount,
                at: KeyringReader.slotsOffset + number * KeyringSlot.byteCount
            )
            let whole = chunk.count / KeyringSlot.byteCount
            for slot in 0..<whole {
                let start = slot * KeyringSlot.byteCount
                let handle = Handle(chunk, at: start + KeyringSlot.handleOffset)
                guard handles.contains(handle) else { continue }
                let tag = IndexTag(chunk, at: start + KeyringSlot.tagOffset)
                if index[tag] == UInt32(number + slot) { found[handle] = tag }
            }
            number += whole
            if whole < Self.slotsPerRead { break }
        }
        return found
    }
}
