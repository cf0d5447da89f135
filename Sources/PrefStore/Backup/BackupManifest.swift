internal import Crypto
public import FoundationEssentials
internal import PrefModel

/// A file of a backup, by its name.
public struct BackupPart: RawRepresentable, Codable, Hashable, Sendable {
    static let manifest = BackupPart(named: "manifest.json")
    static let keyring = BackupPart(named: "keyring")
    static let database = BackupPart(named: StateDirectory.databaseName)
    static let erasures = BackupPart(named: "erasures")
    static let population = BackupPart(named: "population.json")
    /// The file of the audit log that was in use.
    static let audit = BackupPart(named: AuditLog.name)

    /// Those that there is one of each, besides the manifest.
    static let single = [keyring, database, erasures, population]
    /// Those without which there is no backup, besides the manifest.
    static let needed = [keyring, database]

    /// The file's name.
    public let rawValue: String

    private init(named name: String) { rawValue = name }

    /// A file that a backup may have; nil for any other name.
    public init?(rawValue: String) {
        guard
            rawValue == Self.manifest.rawValue
                || Self.single.contains(where: { $0.rawValue == rawValue })
                || AuditLog.isFile(rawValue)
        else { return nil }
        self.rawValue = rawValue
    }
}

/// What a backup is of, and what each of its files must be: authenticated by the store's audit key.
///
/// Holds sizes, digests and a time, and nothing of anyone.
public struct BackupManifest: Codable, Sendable, Equatable {
    /// 2: with all files of the audit log.
    static let currentFormat = 2

    /// One file of a backup.
    public struct Part: Codable, Sendable, Equatable {
        /// Which it is.
        public let name: BackupPart
        /// Its size.
        public let bytes: Int
        /// SHA-256 of it, in hexadecimal.
        public let sha256: String
    }

    /// The layout's version.
    public let format: Int
    /// When it was made, to the second.
    public let createdAt: Date
    /// The database's id, in hexadecimal.
    public let database: String
    /// The schema's version.
    public let schema: Int
    /// The other files.
    public let parts: [Part]
    /// HMAC over all of the above, in hexadecimal.
    public let seal: String

    private enum CodingKeys: String, CodingKey {
        case format, database, schema, parts, seal
        case createdAt = "created_at"
    }

    init(at time: Date, database: DatabaseID, parts: [Part], audit: SymmetricKey) {
        format = Self.currentFormat
        createdAt = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
        self.database = Hex.encode(database.bytes)
        schema = Schema.version
        self.parts = parts
        seal = Self.seal(format, createdAt, self.database, schema, parts, audit)
    }

    /// Whether the manifest is of the store with this audit key, unchanged.
    func verifies(under audit: SymmetricKey) -> Bool {
        Array(seal.utf8).equalsInConstantTime(
            Array(Self.seal(format, createdAt, database, schema, parts, audit).utf8)
        )
    }

    /// - Throws: ``BackupError``: none, one that is no JSON, or a newer one.
    init(reading bytes: [UInt8]) throws(BackupError) {
        struct Format: Decodable { let format: Int }
        let name = BackupPart.manifest.rawValue
        let data = Data(bytes)
        do {
            let format = try PrefJSON.decode(Format.self, from: data).format
            guard format <= Self.currentFormat else {
                throw BackupError.newer(
                    part: name,
                    version: format,
                    supported: Self.currentFormat
                )
            }
            self = try PrefJSON.decode(BackupManifest.self, from: data)
        } catch let error as BackupError {
            throw error
        } catch {
            throw .damaged(part: name, detail: "cannot be read")
        }
    }

    /// HMAC over the fields, one a line.
    private static func seal(
        _ format: Int,
        _ time: Date,
        _ database: String,
        _ schema: Int,
        _ parts: [Part],
        _ audit: SymmetricKey
    ) -> String {
        let seconds = Int64(exactly: time.timeIntervalSince1970.rounded(.down)) ?? 0
        let lines =
            ["\(format)", "\(seconds)", database, "\(schema)"]
            + parts.map { "\($0.name.rawValue) \($0.bytes) \($0.sha256)" }
        return Hex.encode(
            Authenticator(from: audit, purpose: "prefd/backup/v1")
                .code(for: Array(lines.joined(separator: "\n").utf8))
        )
    }
}
