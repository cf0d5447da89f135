internal import Crypto
internal import FoundationEssentials

/// The first 512 bytes of a keyring: what it belongs to, and the store's own keys, wrapped.
///
/// Layout, integers least significant byte first:
/// ```
///   0  magic            8      "PREFDKR\n"
///   8  version          4
///  12  master key epoch 4      counts rotations of the master key
///  16  database id     16
///  32  salt            32      of the derivation from the master key
///  64  generation       8      counts rewrites of the file
///  72  created          8      day since 1970
///  80  master key id   16      derived from it: tells a wrong key from a damaged file
///  96  secrets        169      sealed: index, pseudonym and audit key, 32 bytes each
/// 265  zero
/// 272  rotated          8      day of the last change of the master key; zero: never
/// 280  zero
/// 480  code            32      HMAC over all of the above
/// ```
struct KeyringHeader {
    static let byteCount = 512
    static let currentVersion: UInt32 = 1
    private static let magic = Array("PREFDKR\n".utf8)
    private static let rotatedOffset = 272
    private static let codeOffset = 480
    private static let secretBytes = 96

    /// The keys that the master key gives for one keyring.
    struct WrappingKeys {
        let entries: SymmetricKey
        let codes: Authenticator
        let id: [UInt8]

        init(master: MasterKey, salt: [UInt8]) {
            entries = master.derive("prefd/keyring/wrap/v1", salt: salt)
            codes = Authenticator(key: master.derive("prefd/keyring/code/v1", salt: salt))
            id = Authenticator(key: master.derive("prefd/keyring/id/v1", salt: salt))
                .code(for: []).dropLast(16)
        }
    }

    let database: DatabaseID
    private(set) var salt: [UInt8]
    private(set) var masterKeyEpoch: UInt32
    let createdDay: UInt64
    /// The day of the last change of the master key; nil where there was none.
    private(set) var rotatedDay: UInt64?
    var generation: UInt64
    let secrets: KeyringSecrets

    /// A new store's header, with random keys.
    init(createdDay: UInt64) {
        database = .random()
        salt = .random(count: 32)
        masterKeyEpoch = 1
        self.createdDay = createdDay
        generation = 1
        secrets = KeyringSecrets(bytes: .random(count: Self.secretBytes))
    }

    /// Takes note that the master key changes: what it derives changes altogether, by a new salt.
    mutating func rotate(today: UInt64) {
        salt = .random(count: 32)
        masterKeyEpoch += 1
        rotatedDay = today
    }

    /// Reads and verifies a header.
    init(
        reading bytes: [UInt8],
        master: MasterKey,
        directory: String
    ) throws(StoreError) {
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic) else {
            throw .keyringDamaged(directory: directory, part: "its header is none")
        }
        let version: UInt32 = bytes.integer(at: 8)
        guard version <= Self.currentVersion else {
            throw .keyringNewer(version: version, supported: Self.currentVersion)
        }
        salt = Array(bytes[32..<64])
        let keys = WrappingKeys(master: master, salt: salt)
        guard keys.id.equalsInConstantTime(bytes[80..<96]) else {
            throw .wrongKey(directory: directory)
        }
        let code = keys.codes.code(for: Array(bytes[..<Self.codeOffset]))
        guard code.equalsInConstantTime(bytes[Self.codeOffset...]) else {
            throw .keyringDamaged(directory: directory, part: "its header was changed")
        }
        masterKeyEpoch = bytes.integer(at: 12)
        database = DatabaseID(bytes, at: 16)
        generation = bytes.integer(at: 64)
        createdDay = bytes.integer(at: 72)
        let rotated: UInt64 = bytes.integer(at: Self.rotatedOffset)
        rotatedDay = rotated == 0 ? nil : rotated
        do throws(Envelope.Damaged) {
            let sealed = Array(bytes[96..<(96 + Self.secretBytes + Envelope.overhead)])
            let opened = try Envelope.keyringSecrets.open(
                sealed,
                under: keys.entries,
                at: Array(bytes[..<80])
            )
            secrets = KeyringSecrets(bytes: opened.text)
        } catch {
            throw .keyringDamaged(directory: directory, part: "its keys do not open")
        }
    }

    func encode(with keys: WrappingKeys) throws(Envelope.Damaged) -> [UInt8] {
        var bytes = Self.magic
        bytes.append(Self.currentVersion)
        bytes.append(masterKeyEpoch)
        bytes += database.bytes
        bytes += salt
        bytes.append(generation)
        bytes.append(createdDay)
        let sealed = try Envelope.keyringSecrets.seal(
            secrets.bytes,
            under: keys.entries,
            at: bytes
        )
        bytes += keys.id
        bytes += sealed.bytes
        bytes.pad(to: Self.rotatedOffset)
        bytes.append(rotatedDay ?? 0)
        bytes.pad(to: Self.codeOffset)
        return bytes + keys.codes.code(for: bytes)
    }
}

/// The store's own keys: random, and never seen outside the keyring.
struct KeyringSecrets: Sendable {
    let bytes: [UInt8]

    /// Names principals: `HMAC(index key, spelling)`.
    var index: Authenticator { Authenticator(key: SymmetricKey(data: bytes[0..<32])) }
    /// Makes the pseudonyms that logs and admins see.
    var pseudonym: Authenticator { Authenticator(key: SymmetricKey(data: bytes[32..<64])) }
    /// Authenticates the store's own records: its state, receipts.
    var audit: SymmetricKey { SymmetricKey(data: bytes[64..<96]) }
}
