internal import Synchronization

extension Keyring {
    /// A data key that is on disk and not looked up yet.
    struct NextKey {
        let tag: IndexTag
        fileprivate let slot: Int
    }

    /// Whether a user's rows are being sealed anew at this moment.
    ///
    /// Memory only.
    func isRotating(_ tag: IndexTag) -> Bool { lookup.withLock { $0.rotating.contains(tag) } }

    /// Whether the keyring is under this master key.
    func isUnder(_ master: MasterKey) -> Bool {
        tail.withLock { tail in
            KeyringHeader.WrappingKeys(master: master, salt: tail.header.salt).id == tail.keys.id
        }
    }

    /// Makes a user's next data key durable beside the present one, which stays the one that is looked
    /// up until ``take(_:)``.
    func prepare(_ entry: KeyringEntry) throws(WriteFailure) -> NextKey {
        lookup.withLock { _ = $0.rotating.insert(entry.tag) }
        do throws(WriteFailure) {
            return NextKey(tag: entry.tag, slot: try write([entry]))
        } catch {
            lookup.withLock { _ = $0.rotating.remove(entry.tag) }
            throw error
        }
    }

    /// From now on the next key is the user's.
    func take(_ next: NextKey) {
        lookup.withLock { lookup in
            lookup.index[next.tag] = UInt32(next.slot)
            lookup.rotating.remove(next.tag)
        }
    }

    /// Goes on with the present key.
    ///
    /// The next one stays in the file until a later rewrite: a commit that failed may still turn out
    /// to be on disk, and then the rows tell that they are under it.
    func abandon(_ next: NextKey) { lookup.withLock { _ = $0.rotating.remove(next.tag) } }

    /// Reads the entry that a user had before the newest, of another epoch.
    func entry(before newest: KeyringEntry) -> KeyringEntry? {
        guard let slot = rotations[newest.tag] else { return nil }
        let (file, keys) = lookup.withLock { ($0.file, $0.keys) }
        guard let entry = open(slot: slot, of: file, under: keys), entry.tag == newest.tag else {
            return nil
        }
        return entry
    }
}
