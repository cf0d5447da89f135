public import PrefModel

/// Why the store refused.
///
/// The texts are for the operator or user who reads them, and hold no preference, signal, user id
/// or key.
public enum StoreError: Error, Equatable, Sendable {
    // MARK: The master key

    /// There is no key file or credential at this path.
    case keyMissing(path: String)
    /// There is no key, but the store in this directory needs one: a new one could not read it.
    case keyMissingBesideStore(path: String, directory: String)
    /// The key is a symbolic link, a directory or a device.
    case keyNotRegularFile(path: String)
    /// Others than its owner can reach the key file; the mode as in `chmod`.
    case keyTooOpen(path: String, mode: UInt32)
    /// The key file belongs to neither this user nor root.
    case keyForeignOwner(path: String)
    /// The key file ends before 32 bytes.
    case keyTruncated(path: String, bytes: Int)
    /// The key file holds something else than one key.
    case keyMalformed(path: String, bytes: Int)
    /// The key cannot be read or created.
    case keyUnreadable(path: String, reason: String)
    /// The kernel gave no memory that is never swapped.
    case secretMemoryRefused(reason: String)
    /// The key is well formed, but not the one that this store was made with.
    case wrongKey(directory: String)

    /// The key is a credential, which the service manager hands over at a start only.
    case keyIsCredential(name: String)
    /// The key file is not the one in force, and the one in force is not kept beside it.
    case keyReplaced(path: String)
    /// A new key cannot be written in the place of the old one.
    case keyNotReplaced(path: String, reason: String)

    // MARK: The state directory

    /// The directory cannot be used at all.
    case directoryUnusable(path: String, reason: String)
    /// Others than its owner can reach the directory or a file in it; the mode as in `chmod`.
    case tooOpen(path: String, mode: UInt32)
    /// The directory or a file in it belongs to another user.
    case foreignOwner(path: String)
    /// Another process has this store open.
    case inUse(directory: String)

    // MARK: The files

    /// The database has no keyring beside it.
    case keyringMissing(directory: String)
    /// The keyring does not verify.
    case keyringDamaged(directory: String, part: String)
    /// A newer prefd wrote the keyring.
    case keyringNewer(version: UInt32, supported: UInt32)
    /// The keyring is an older copy than the database.
    case keyringRolledBack(directory: String)
    /// The keyring has users, but there is no database.
    case databaseMissing(directory: String)
    /// The database is of another store than the keyring.
    case databaseMismatched(directory: String)
    /// The database is damaged, or is none.
    case databaseDamaged(directory: String, detail: String)
    /// The database is an older copy than the keyring: acknowledged writes are missing from it.
    case databaseRolledBack(directory: String)
    /// The ledger of erasures beside the keyring does not verify.
    case erasuresDamaged(directory: String)
    /// A newer prefd wrote the database.
    case schemaNewer(version: Int, supported: Int)

    // MARK: One call

    /// What is stored for one user does not verify; the pseudonym says whose.
    case recordDamaged(pseudonym: String)
    /// The user has not consented to what the call needs.
    case consentRequired(ConsentScope)
    /// One value is larger than the store takes.
    case tooLarge(limitBytes: Int)
    /// The value holds a number that is infinite, or none.
    case notStorable
    /// One user has as many of these as the store keeps.
    case tooMany(what: String, limit: Int)
    /// The disk refused: nothing of this call was kept, reads go on, a later try may work.
    case unavailable(reason: String)
    /// The server that the store is on does not answer: what was asked may or may not have been done.
    case serverAway(reason: String)
    /// The configuration names a server, and the library to speak to it is not there.
    case libraryMissing(reason: String)
    /// The master key of a store that several hosts share is changed at a start.
    case keyIsShared
    /// The store was closed.
    case closed
}

extension StoreError {
    /// Whether starting again cannot help until someone puts the key or the files right; a service
    /// then exits with 78 (`EX_CONFIG`), which its unit does not restart.
    public var isKeyProblem: Bool {
        switch self {
        case .keyMissing, .keyMissingBesideStore, .keyNotRegularFile, .keyTooOpen, .keyForeignOwner,
            .keyTruncated, .keyMalformed, .keyUnreadable, .secretMemoryRefused, .wrongKey,
            .tooOpen, .foreignOwner, .keyringMissing, .keyringDamaged, .keyringNewer,
            .keyringRolledBack, .databaseMissing, .databaseMismatched, .databaseDamaged,
            .databaseRolledBack, .erasuresDamaged, .schemaNewer, .libraryMissing:
            true
        case .directoryUnusable, .inUse, .recordDamaged, .consentRequired, .tooLarge, .notStorable,
            .tooMany,
            .unavailable, .serverAway, .keyIsShared, .closed, .keyIsCredential, .keyReplaced,
            .keyNotReplaced:
            false
        }
    }
}
