/// Why a backup was not made, verified or restored.
///
/// Whatever it is, the store in use was not touched.
public enum BackupError: Error, Equatable, Sendable {
    /// There is no backup at this place.
    case missing
    /// A file of the backup is not there.
    case incomplete(part: String)
    /// A file of the backup is not as it was written.
    case damaged(part: String, detail: String)
    /// The backup belongs to another master key.
    case otherKey
    /// A newer prefd made the backup.
    case newer(part: String, version: Int, supported: Int)
    /// The transfer of this id is over, or another took its place.
    case unknownTransfer
    /// A file that no backup has, or a place outside of one.
    case notAPart
    /// One is being made or verified already.
    case busy
    /// The store is on a PostgreSQL server, which has backups of its own.
    case onServer
    /// The disk refused.
    case failed(reason: String)
    /// The master key could not be had, or the store not be read.
    case store(StoreError)
}

extension BackupError: CustomStringConvertible {
    /// What was wrong.
    public var description: String {
        switch self {
        case .missing: "There is no backup: it has no \(BackupPart.manifest.rawValue)."
        case .incomplete(let part): "The backup is incomplete: it has no \(part)."
        case .damaged(let part, let detail): "The backup is damaged: \(part) \(detail)."
        case .otherKey: "The backup belongs to another master key than this prefd's."
        case .newer(let part, let version, let supported):
            "The backup's \(part) has version \(version); this prefd knows versions up to \(supported)."
        case .unknownTransfer: "This transfer of a backup is over, or another took its place."
        case .notAPart: "No backup has such a file, or such a place in it."
        case .busy: "A backup is being made or verified already."
        case .onServer: "This store is on a PostgreSQL server: prefd makes no backups of it."
        case .failed(let reason): "The backup cannot be written or read: \(reason)."
        case .store(let error): error.description
        }
    }

    /// What to do about it.
    public var hint: String {
        switch self {
        case .missing, .notAPart: "Name the directory that `prefctl backup create` made."
        case .incomplete, .damaged: "Use another backup. Nothing was changed."
        case .otherKey:
            "A backup goes with the key that was in use when it was made: run prefd with that key. "
                + "Nothing was changed."
        case .newer: "Use the prefd that made it, or a newer one. Nothing was changed."
        case .unknownTransfer: "Start again."
        case .busy: "Wait until it is done."
        case .onServer:
            "Back the database up with pg_dump or by its own means: what it holds is sealed, so keep the "
                + "master key elsewhere."
        case .failed:
            "Check space and errors of the disk of the state directory. Nothing was changed."
        case .store(let error): error.hint
        }
    }

    /// Whether the cause is in the store or on the disk, rather than in the backup or the call.
    public var isOfTheStore: Bool {
        switch self {
        case .failed, .store: true
        default: false
        }
    }

    /// What a failure of the store that a backup holds says about the backup.
    init(inBackup error: StoreError) {
        self =
            switch error {
            case .wrongKey: .otherKey
            case .keyringNewer(let version, let supported):
                .newer(part: "keyring", version: Int(version), supported: Int(supported))
            case .schemaNewer(let version, let supported):
                .newer(part: "database", version: version, supported: supported)
            case .keyringDamaged(_, let part):
                .damaged(part: BackupPart.keyring.rawValue, detail: "does not verify: \(part)")
            case .erasuresDamaged:
                .damaged(part: BackupPart.erasures.rawValue, detail: "does not verify")
            case .keyringMissing: .incomplete(part: BackupPart.keyring.rawValue)
            case .databaseMissing: .incomplete(part: BackupPart.database.rawValue)
            case .databaseDamaged(_, let detail):
                .damaged(part: BackupPart.database.rawValue, detail: "does not verify: \(detail)")
            case .databaseMismatched, .databaseRolledBack, .keyringRolledBack:
                .damaged(part: BackupPart.database.rawValue, detail: "does not go with the keyring")
            case .recordDamaged:
                .damaged(
                    part: BackupPart.database.rawValue,
                    detail: "has records that do not verify"
                )
            case .unavailable(let reason): .failed(reason: reason)
            default: .store(error)
            }
    }
}
