internal import PrefModel

extension StoreError: CustomStringConvertible {
    /// What was wrong, and where.
    public var description: String {
        switch self {
        case .keyMissing(let path): "There is no master key at \(path)."
        case .keyMissingBesideStore(let path, let directory):
            "There is no master key at \(path), and the store in \(directory) was made with one."
        case .keyNotRegularFile(let path): "The master key \(path) is not a regular file."
        case .keyTooOpen(let path, let mode):
            "The master key \(path) has mode \(Self.octal(mode)): others can reach it."
        case .keyForeignOwner(let path):
            "The master key \(path) belongs to neither this user nor root."
        case .keyTruncated(let path, let bytes):
            "The master key \(path) is cut short: \(bytes) bytes, where 32 are needed."
        case .keyMalformed(let path, let bytes):
            "The master key \(path) does not hold a key: \(bytes) bytes of neither raw, hex nor base64."
        case .keyUnreadable(let path, let reason):
            "The master key \(path) cannot be used: \(reason)."
        case .keyIsCredential(let name):
            "The master key is the credential \(name), which a running service does not get anew."
        case .keyReplaced(let path):
            "The master key \(path) is not the one in force, which is not at \(path).previous either."
        case .keyNotReplaced(let path, let reason):
            "A new master key cannot be put at \(path): \(reason). The one there stays in force."
        case .secretMemoryRefused(let reason):
            "The kernel gives no locked memory for the master key: \(reason)."
        case .wrongKey(let directory):
            "The master key is not the one that the store in \(directory) was made with."
        case .directoryUnusable(let path, let reason):
            "The state directory \(path) cannot be used: \(reason)."
        case .tooOpen(let path, let mode):
            "\(path) has mode \(Self.octal(mode)): others can reach it."
        case .foreignOwner(let path): "\(path) belongs to another user."
        case .inUse(let directory): "Another prefd has the store in \(directory) open."
        case .keyringMissing(let directory):
            "The database in \(directory) has no keyring beside it, so nothing in it can be read."
        case .keyringDamaged(let directory, let part):
            "The keyring in \(directory) is damaged: \(part)."
        case .keyringNewer(let version, let supported):
            "The keyring has format \(version); this prefd knows formats up to \(supported)."
        case .keyringRolledBack(let directory):
            "The keyring in \(directory) is an older copy than the database beside it."
        case .databaseMissing(let directory):
            "The keyring in \(directory) has users, but there is no database beside it."
        case .databaseMismatched(let directory):
            "The keyring and the database in \(directory) are of two different stores."
        case .databaseDamaged(let directory, let detail):
            "The database in \(directory) is damaged: \(detail)."
        case .databaseRolledBack(let directory):
            "The database in \(directory) is older than its keyring: acknowledged writes are missing."
        case .erasuresDamaged(let directory):
            "The ledger of erasures in \(directory) was changed: it no longer says who must not come back."
        case .schemaNewer(let version, let supported):
            "The database has schema \(version); this prefd knows schemas up to \(supported)."
        case .recordDamaged(let pseudonym): "What is stored for \(pseudonym) does not verify."
        case .consentRequired(let scope): "This needs your consent to \(scope)."
        case .tooLarge(let limit): "This is larger than the \(limit) bytes that the store takes."
        case .notStorable: "This holds a number that is infinite, or none."
        case .tooMany(let what, let limit): "The store keeps at most \(limit) \(what) for one user."
        case .unavailable(let reason): "The store cannot write now: \(reason)."
        case .serverAway(let reason): "The store's PostgreSQL server cannot be used now: \(reason)."
        case .libraryMissing(let reason):
            "The configuration names a PostgreSQL store, and \(reason)."
        case .keyIsShared: "The master key is also that of the other hosts of this store."
        case .closed: "The store is closed."
        }
    }

    /// What to do about it.
    public var hint: String {
        switch self {
        case .keyMissing:
            "Put the key there, or name the right file or credential under `key:` in the config."
        case .keyMissingBesideStore:
            "Bring the key back from where it was kept; without it the store cannot be read by anyone."
        case .keyNotRegularFile: "Put the key itself there, not a link to it."
        case .keyTooOpen(let path, _):
            "Run: chmod 600 \(path) — and consider the key known to others."
        case .keyForeignOwner: "Give the file to the user that prefd runs as, or to root."
        case .keyTruncated: "Bring the whole key back from where it was kept."
        case .keyMalformed: "A key is 32 raw bytes, 64 hex digits, or the same 32 bytes in base64."
        case .keyUnreadable: "Check the path and who may read it."
        case .keyIsCredential(let name):
            "Make the old one the credential \(name).previous and a new one \(name), then restart "
                + "prefd: it takes the store over to the new key and loses no connection."
        case .keyReplaced(let path):
            "Put the key in force at \(path).previous: until the change is on disk, both are needed."
        case .keyNotReplaced(let path, _):
            "Give prefd's user the directory, or put the old key at \(path).previous and a new one "
                + "at \(path) yourself, and try again."
        case .secretMemoryRefused: "Raise the limit: `LimitMEMLOCK=` in the unit, or `ulimit -l`."
        case .wrongKey: "Name the store's own key under `key:`, or another `state:` directory."
        case .directoryUnusable: "Check that it exists, or can be made, and may be written."
        case .tooOpen(let path, _): "Run: chmod go-rwx \(path)"
        case .foreignOwner: "Run prefd as the directory's owner, or change the owner."
        case .inUse: "Stop the other one, or give this one a `state:` directory of its own."
        case .keyringMissing, .keyringDamaged, .keyringRolledBack:
            "Bring the keyring back from its newest backup. prefd has changed nothing."
        case .databaseMissing, .databaseMismatched, .databaseDamaged, .databaseRolledBack:
            "Bring the database back from its newest backup, or start with an empty directory. "
                + "prefd has changed nothing."
        case .erasuresDamaged:
            "Bring the file `erasures` back from the newest backup; without it, backups made before an "
                + "erasure must not be restored. prefd has changed nothing."
        case .keyringNewer, .schemaNewer: "Run the prefd that wrote it, or a newer one."
        case .recordDamaged: "The user can start over with forget-me; others are not affected."
        case .consentRequired(let scope):
            "PUT /prefd/v1/consent/\(scope) (or: prefctl consent grant \(scope))."
        case .tooLarge: "Send less in one call."
        case .notStorable: "Send finite numbers only."
        case .tooMany: "Remove some first."
        case .unavailable: "Nothing of this call was kept. Free the disk's space, then try again."
        case .serverAway:
            "prefd keeps trying. Try again: what is set, granted or erased twice is so once."
        case .libraryMissing: "Run: apt-get install libpq5"
        case .keyIsShared:
            "On every host, put the old key at the key's name with .previous behind it and the new one in "
                + "its place; then restart prefd on one after the other."
        case .closed: "Start prefd again."
        }
    }

    private static func octal(_ mode: UInt32) -> String { "0" + String(mode & 0o7777, radix: 8) }
}
