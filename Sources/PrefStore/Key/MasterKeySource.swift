/// Where the master key comes from, and where the one before it is handed over while it changes.
///
/// The previous key has the same name with `.previous` behind it. It is looked at only where the
/// present one does not open the keyring.
public enum MasterKeySource: Sendable {
    /// A file of mode 0600; `store` is the state directory, beside whose data no new key is made.
    case file(path: String, store: String)
    /// A credential of the service manager's, in `$CREDENTIALS_DIRECTORY`.
    case credential(name: String, directory: String)

    /// What is added to the key's name for the previous one's.
    static let previousSuffix = ".previous"

    /// The word for the kind of source, for people.
    public var kind: String {
        switch self {
        case .file: "file"
        case .credential: "credential"
        }
    }

    /// Reads the present key; of a file, makes one where there is neither key nor store.
    ///
    /// - Throws: ``StoreError``.
    func load() throws(StoreError) -> MasterKey {
        switch self {
        case .file(let path, let store): try MasterKey.loadOrCreate(file: path, store: store)
        case .credential(let name, let directory):
            try MasterKey.load(credential: name, directory: directory)
        }
    }

    /// Reads the previous key, or says that there is none.
    ///
    /// - Throws: ``StoreError`` where there is one that cannot be used.
    func loadPrevious() throws(StoreError) -> MasterKey? {
        do throws(StoreError) {
            switch self {
            case .file(let path, _):
                return try MasterKey.load(file: path + Self.previousSuffix)
            case .credential(let name, let directory):
                return try MasterKey.load(
                    credential: name + Self.previousSuffix,
                    directory: directory
                )
            }
        } catch {
            if case .keyMissing = error { return nil }
            throw error
        }
    }

    /// The key to change to: one that waits in the present one's place already, or a new one.
    ///
    /// Afterwards both keys are on disk, so that the next start can use a keyring under either.
    ///
    /// - Throws: ``StoreError``; then nothing was changed.
    func next(isInForce: (MasterKey) -> Bool) throws(StoreError) -> MasterKey {
        guard case .file(let path, _) = self else {
            guard case .credential(let name, _) = self else { throw .closed }
            throw .keyIsCredential(name: name)
        }
        let present = try MasterKey.load(file: path)
        if isInForce(present) {
            do throws(SystemCall) {
                try KeyReplacement(path: path).begin()
            } catch {
                throw .keyNotReplaced(path: path, reason: error.reason)
            }
            return try MasterKey.load(file: path)
        }
        guard let previous = try loadPrevious(), isInForce(previous) else {
            throw .keyReplaced(path: path)
        }
        return present
    }

    /// Destroys the previous key's file, once the keyring is durable under the present one.
    ///
    /// Best effort: a file that stays is tried again at the next start. A credential is the admin's to
    /// take away.
    func retirePrevious() {
        guard case .file(let path, _) = self else { return }
        do throws(SystemCall) { try KeyReplacement(path: path).finish() } catch {}
    }
}
