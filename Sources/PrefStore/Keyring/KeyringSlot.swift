internal import Crypto
internal import FoundationEssentials

/// One user's line of the keyring, opened.
struct KeyringEntry: Sendable {
    let tag: IndexTag
    let handle: Handle
    /// Counts rotations of the data key.
    let epoch: UInt32
    let dataKey: SymmetricKey
    let createdDay: UInt64
    /// The user's writes as of this entry: an older database is behind it.
    var counter: UInt64
    /// The user's chain at `counter`.
    var chain: [UInt8]
}

/// 256 bytes of the keyring: one user, or the memory of one who was erased.
///
/// ```
///   0  kind      1     1 user, 2 erased
///   1  zero      3
///   4  epoch     4
///   8  sequence  8     place in the file
///  16  tag      16     keyed hash of the principal; zero where erased
///  32  handle   16
///  48  sealed  153     data key 32, counter 8, chain 32, created 8; zero where erased
/// 201  zero
/// 224  code     32     HMAC over the previous code and all of the above
/// ```
/// A later slot of the same tag takes the place of an earlier one.
struct KeyringSlot {
    static let byteCount = 256
    static let codeOffset = 224
    static let tagOffset = 16
    static let handleOffset = 32
    private static let textBytes = 80

    enum Kind: UInt8 {
        case user = 1
        case erased = 2
    }

    let kind: Kind
    let tag: IndexTag
    let handle: Handle
    let epoch: UInt32
    let sealed: [UInt8]

    /// Reads a slot whose code has been verified.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let kind = Kind(rawValue: bytes[0]) else { return nil }
        self.kind = kind
        epoch = bytes.integer(at: 4)
        tag = IndexTag(bytes, at: Self.tagOffset)
        handle = Handle(bytes, at: Self.handleOffset)
        sealed = Array(bytes[48..<(48 + Self.textBytes + Envelope.overhead)])
    }

    /// A user's slot, as it is kept elsewhere than in a keyring's file.
    init(tag: IndexTag, handle: Handle, epoch: UInt32, sealed: [UInt8]) {
        kind = .user
        self.tag = tag
        self.handle = handle
        self.epoch = epoch
        self.sealed = sealed
    }

    /// The memory that a handle was erased, so that what an old backup brings back goes again.
    init(erased handle: Handle) {
        kind = .erased
        tag = IndexTag(raw: 0)
        self.handle = handle
        epoch = 0
        sealed = [UInt8](repeating: 0, count: Self.textBytes + Envelope.overhead)
    }

    /// Wraps an entry's data key.
    init(
        _ entry: KeyringEntry,
        database: DatabaseID,
        wrappingKey: SymmetricKey
    ) throws(Envelope.Damaged) {
        kind = .user
        tag = entry.tag
        handle = entry.handle
        epoch = entry.epoch
        // Unsafe: copies the key's own bytes within the call; they go straight into the seal.
        var text = unsafe entry.dataKey.withUnsafeBytes { unsafe Array($0) }
        text.append(entry.counter)
        text += entry.chain
        text.append(entry.createdDay)
        sealed = try Envelope.keyringEntry.seal(
            text,
            under: wrappingKey,
            at: Self.address(database: database, tag: tag, handle: handle, epoch: epoch)
        ).bytes
    }

    /// Unwraps the data key.
    func open(
        database: DatabaseID,
        wrappingKey: SymmetricKey
    ) throws(Envelope.Damaged) -> KeyringEntry {
        let text = try Envelope.keyringEntry.open(
            sealed,
            under: wrappingKey,
            at: Self.address(database: database, tag: tag, handle: handle, epoch: epoch)
        ).text
        guard kind == .user, text.count == Self.textBytes else { throw Envelope.Damaged() }
        return KeyringEntry(
            tag: tag,
            handle: handle,
            epoch: epoch,
            dataKey: SymmetricKey(data: text[0..<32]),
            createdDay: text.integer(at: 72),
            counter: text.integer(at: 32),
            chain: Array(text[40..<72])
        )
    }

    func encode(sequence: Int, after previous: [UInt8], codes: Authenticator) -> [UInt8] {
        var bytes: [UInt8] = [kind.rawValue, 0, 0, 0]
        bytes.reserveCapacity(Self.byteCount)
        bytes.append(epoch)
        bytes.append(UInt64(sequence))
        bytes += tag.bytes
        bytes += handle.bytes
        bytes += sealed
        bytes.pad(to: Self.codeOffset)
        return bytes + codes.code(for: previous, bytes)
    }

    private static func address(
        database: DatabaseID,
        tag: IndexTag,
        handle: Handle,
        epoch: UInt32
    ) -> [UInt8] {
        var bytes = database.bytes + tag.bytes + handle.bytes
        bytes.append(epoch)
        return bytes
    }
}
