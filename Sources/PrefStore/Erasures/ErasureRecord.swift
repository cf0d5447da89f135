/// One line of the erasure ledger: a name that must not come back from a backup.
///
/// ```
///   0  kind      1     1 user, 2 consent
///   1  zero      7
///   8  database 16     of which store
///  24  name     16     the user's handle, or the consent record's row: random, and nobody's id
///  40  code     24     HMAC under the store's audit key over all of the above, cut
/// ```
/// 64 bytes, so that none crosses a disk sector's boundary: a power cut leaves one whole or zero.
struct ErasureRecord: Hashable, Sendable {
    static let byteCount = 64
    private static let codeOffset = 40

    enum Kind: UInt8, Sendable {
        case user = 1
        case consent = 2
    }

    let kind: Kind
    let database: DatabaseID
    /// Random over all stores, so that it tells records apart by itself.
    let name: UInt128
    /// As it is on disk: what another store's key has authenticated can only be copied.
    let bytes: [UInt8]

    init(_ kind: Kind, named name: UInt128, of database: DatabaseID, codes: Authenticator) {
        self.kind = kind
        self.database = database
        self.name = name
        var bytes: [UInt8] = [kind.rawValue]
        bytes.pad(to: 8)
        bytes += database.bytes
        bytes.append(name)
        self.bytes = bytes + codes.code(for: bytes).prefix(Self.byteCount - Self.codeOffset)
    }

    /// Reads a record, not verified; nil where it is none.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let kind = Kind(rawValue: bytes[0]) else { return nil }
        self.kind = kind
        database = DatabaseID(bytes, at: 8)
        name = bytes.integer(at: 24)
        self.bytes = bytes
    }

    /// Whether the record is what its store wrote.
    func verifies(under codes: Authenticator) -> Bool {
        ErasureRecord(kind, named: name, of: database, codes: codes).bytes
            .equalsInConstantTime(bytes)
    }
}
