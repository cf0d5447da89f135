internal import Glibc

extension Keyring {
    /// Makes a new store's keyring: written, synced, renamed, and the directory synced.
    ///
    /// - Throws: ``StoreError/directoryUnusable(path:reason:)``.
    static func create(
        in directory: StateDirectory,
        master: MasterKey,
        today: UInt64
    ) throws(StoreError) {
        let header = KeyringHeader(createdDay: today)
        let keys = KeyringHeader.WrappingKeys(master: master, salt: header.salt)
        do {
            let bytes = try header.encode(with: keys)
            let sector = KeyringMark(commits: 0)
                .encodeSector(database: header.database, codes: keys.codes)
            let draft = try File(
                StateDirectory.keyringDraftName,
                in: directory.folder,
                flags: O_RDWR | O_CREAT | O_TRUNC
            )
            try draft.write(bytes + sector, at: 0)
            try draft.sync()
            try directory.folder.rename(
                StateDirectory.keyringDraftName,
                to: StateDirectory.keyringName
            )
            try directory.folder.sync()
        } catch {
            let reason = (error as? SystemCall)?.reason ?? "sealing failed"
            throw .directoryUnusable(path: directory.path, reason: reason)
        }
    }

    /// Reads and verifies the keyring; changes nothing.
    ///
    /// - Throws: ``StoreError``: a wrong key, or a keyring that does not verify.
    static func open(
        in directory: StateDirectory,
        master: MasterKey
    ) throws(StoreError) -> (keyring: Keyring, contents: KeyringReader.Contents) {
        let file: File
        do throws(SystemCall) {
            file = try File(StateDirectory.keyringName, in: directory.folder, flags: O_RDWR)
        } catch {
            throw .directoryUnusable(
                path: directory.path + "/" + StateDirectory.keyringName,
                reason: error.reason
            )
        }
        let contents = try KeyringReader(directory: directory.path).read(file, master: master)
        return (Keyring(contents, file: file, in: directory), contents)
    }
}
