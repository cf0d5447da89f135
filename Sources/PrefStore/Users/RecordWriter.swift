internal import FoundationEssentials

/// Writes one user's sealed records, and keeps the head's sums in step.
struct RecordWriter {
    let db: any SealedRecords
    let keys: UserKeys
    let recordBytes: Int

    /// Writes a record: a new one, or the next version of one that is there.
    func put(
        _ value: some Encodable,
        as place: RecordPlace,
        replacing old: SetDigest? = nil,
        in head: inout UserHead
    ) throws -> SetDigest {
        let text = [UInt8](try JSONEncoder().encode(value))
        guard text.count <= recordBytes else { throw StoreError.tooLarge(limitBytes: recordBytes) }
        let sealed = try keys.seal(text, at: place)
        try db.put(
            SealedRow(place: place, epoch: keys.epoch, sealed: sealed.bytes),
            of: keys.handle
        )
        if let old { head.remove(old, from: place.set) }
        head.add(sealed.setTag, to: place.set)
        return sealed.setTag
    }

    /// Deletes a record.
    func remove(_ place: RecordPlace, tag: SetDigest, in head: inout UserHead) throws {
        try db.remove(place, of: keys.handle)
        head.remove(tag, from: place.set)
    }

    /// Deletes every record of a set.
    func removeAll(_ set: SetName, in head: inout UserHead) throws {
        try db.removeAll(set, of: keys.handle)
        head.clear(set)
    }

    /// Writes the head itself.
    func put(_ head: UserHead) throws {
        let place = RecordPlace(
            SetName(table: .users, scope: 0),
            row: RowID(raw: 0),
            version: head.counter
        )
        try db.put(
            SealedHead(
                version: head.counter,
                epoch: keys.epoch,
                sealed: keys.seal(head.encode(), at: place).bytes
            ),
            of: keys.handle
        )
    }
}
