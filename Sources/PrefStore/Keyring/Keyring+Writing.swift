internal import Glibc
internal import Synchronization

extension Keyring {
    /// Why the keyring could not be written.
    enum WriteFailure: Error {
        case system(SystemCall)
        /// It was the audit log.
        case log(SystemCall)
        case sealing

        var reason: String {
            switch self {
            case .system(let call): "keyring: " + call.reason
            case .log(let call): "audit log: " + call.reason
            case .sealing: "keyring: sealing failed"
            }
        }
    }

    /// What the database remembers of the keyring, to notice an older copy.
    struct Extent: Equatable {
        let generation: UInt64
        let slots: UInt64
    }

    /// How far the keyring reaches now.
    var extent: Extent {
        tail.withLock { Extent(generation: $0.header.generation, slots: UInt64($0.slots)) }
    }

    /// The handles of everyone who was erased.
    var erased: [Handle] { tail.withLock { $0.erased } }

    /// Appends entries and syncs them, all in one write; on failure the file is as before.
    func append(_ entries: [KeyringEntry]) throws(WriteFailure) {
        guard !entries.isEmpty else { return }
        let first = try write(entries)
        lookup.withLock { lookup in
            for (index, entry) in entries.enumerated() {
                lookup.index[entry.tag] = UInt32(first + index)
            }
        }
    }

    /// Writes slots behind the last and syncs them, without anyone looking them up yet.
    ///
    /// - Returns: the first one's number.
    func write(_ entries: [KeyringEntry]) throws(WriteFailure) -> Int {
        try tail.withLock { tail throws(WriteFailure) in
            try settle(&tail)
            var bytes: [UInt8] = []
            var code = tail.lastCode
            for (index, entry) in entries.enumerated() {
                let slot = try seal(entry, under: tail.keys)
                let encoded = slot.encode(
                    sequence: tail.slots + index,
                    after: code,
                    codes: tail.keys.codes
                )
                code = Array(encoded[KeyringSlot.codeOffset...])
                bytes += encoded
            }
            do throws(SystemCall) {
                try tail.file.write(bytes, at: end(of: tail))
                try tail.file.sync()
            } catch {
                tail.needsTruncation = true
                // The first failure is the one to report; what is left to undo is tried again.
                do { try settle(&tail) } catch {}
                throw .system(error)
            }
            let first = tail.slots
            tail.slots += entries.count
            tail.lastCode = code
            return first
        }
    }

    /// Keeps how many transactions the database has committed; not synced.
    func mark(commits: UInt64) throws(WriteFailure) {
        let mark = KeyringMark(commits: commits)
        try tail.withLock { tail throws(WriteFailure) in
            let bytes = mark.encode(database: database, codes: tail.keys.codes)
            do throws(SystemCall) {
                try tail.file.write(bytes, at: mark.offset)
            } catch {
                throw .system(error)
            }
        }
    }

    /// Makes everything written so far durable.
    func sync() throws(WriteFailure) {
        try tail.withLock { tail throws(WriteFailure) in
            try settle(&tail)
            do throws(SystemCall) { try tail.file.sync() } catch { throw .system(error) }
        }
    }

    /// Undoes what a failed append left, and makes an earlier rename durable.
    ///
    /// Also drops an append that a crash cut short, once the caller knows that nothing depends on
    /// it.
    func settle(_ tail: inout Tail) throws(WriteFailure) {
        do throws(SystemCall) {
            if tail.needsTruncation {
                try tail.file.truncate(to: end(of: tail))
                try tail.file.sync()
                tail.needsTruncation = false
            }
            if tail.needsFolderSync {
                try directory.folder.sync()
                tail.needsFolderSync = false
            }
        } catch {
            throw .system(error)
        }
    }

    private func seal(
        _ entry: KeyringEntry,
        under keys: KeyringHeader.WrappingKeys
    ) throws(WriteFailure) -> KeyringSlot {
        do throws(Envelope.Damaged) {
            return try KeyringSlot(entry, database: database, wrappingKey: keys.entries)
        } catch {
            throw .sealing
        }
    }

    private func end(of tail: Tail) -> Int {
        KeyringReader.slotsOffset + tail.slots * KeyringSlot.byteCount
    }
}
