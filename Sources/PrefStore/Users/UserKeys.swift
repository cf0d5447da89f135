internal import Crypto

/// What opens one user's records.
struct UserKeys: Sendable {
    let database: DatabaseID
    let handle: Handle
    let epoch: UInt32
    let data: SymmetricKey
    private let chainCodes: Authenticator

    init(_ entry: KeyringEntry, database: DatabaseID) {
        self.database = database
        handle = entry.handle
        epoch = entry.epoch
        data = entry.dataKey
        chainCodes = Authenticator(from: entry.dataKey, purpose: "prefd/chain/v1")
    }

    /// Pads and seals a record.
    func seal(
        _ text: [UInt8],
        at place: RecordPlace
    ) throws(Envelope.Damaged) -> (bytes: [UInt8], setTag: SetDigest) {
        try Envelope.record.seal(Padding.pad(text), under: data, at: address(of: place))
    }

    /// Opens a record that must be at this place and no other.
    func open(
        _ sealed: [UInt8],
        at place: RecordPlace
    ) throws(Envelope.Damaged) -> (text: [UInt8], setTag: SetDigest) {
        let opened = try Envelope.record.open(sealed, under: data, at: address(of: place))
        return (try Padding.unpad(opened.text), opened.setTag)
    }

    /// The set tag of a record, without opening it.
    func setTag(
        of sealed: [UInt8],
        at place: RecordPlace
    ) throws(Envelope.Damaged) -> SetDigest {
        try Envelope.record.setTag(of: sealed, under: data, at: address(of: place))
    }

    /// The next link of the user's chain of writes.
    func link(after chain: [UInt8], covering bytes: [UInt8]) -> [UInt8] {
        chainCodes.code(for: chain, bytes)
    }

    private func address(of place: RecordPlace) -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes += database.bytes
        bytes.append(place.set.table.rawValue)
        bytes.append(place.set.scope)
        bytes += handle.bytes
        bytes += place.row.bytes
        bytes.append(place.version)
        bytes.append(epoch)
        bytes.append(UInt64(bitPattern: place.expires ?? Int64.min))
        return bytes
    }
}

/// Where one version of a record is: with the database, the handle and the key epoch, everything
/// that a sealed record is bound to.
struct RecordPlace: Sendable, Hashable {
    let set: SetName
    let row: RowID
    let version: UInt64
    /// The hour since 1970 from which the record must no longer be kept, or nil.
    let expires: Int64?
}

extension RecordPlace {
    /// The place of a record that does not expire by itself.
    init(_ set: SetName, row: RowID, version: UInt64) {
        self.init(set: set, row: row, version: version, expires: nil)
    }
}
