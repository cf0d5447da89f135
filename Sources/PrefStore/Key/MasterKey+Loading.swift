internal import Crypto
internal import FoundationEssentials
internal import Glibc

extension MasterKey {
    /// Reads the key from a file of mode 0600 or stricter, owned by this user or root: 32 raw bytes,
    /// 64 hex digits, or the bytes in base64.
    ///
    /// - Throws: ``StoreError``, its own case for a key that is missing, a link, too open, another
    ///   user's, cut short or malformed.
    public static func load(file: String) throws(StoreError) -> MasterKey {
        try KeyFile(path: file, access: .ownerOnly).read()
    }

    /// Reads the key from a systemd credential, `DIRECTORY/NAME` with `$CREDENTIALS_DIRECTORY`.
    ///
    /// - Throws: ``StoreError``, as for a file.
    public static func load(
        credential name: String,
        directory: String
    ) throws(StoreError) -> MasterKey {
        guard !name.isEmpty, !name.contains("/"), name != "..", name != "." else {
            throw .keyMissing(path: directory + "/" + name)
        }
        return try KeyFile(path: directory + "/" + name, access: .credential).read()
    }

    /// Reads the key of a user's own instance, and makes a new one where there is none yet.
    ///
    /// A new key is made only while there is no store: it could not read an old one. `directory` is
    /// where the store is, the key file's own directory unless given.
    ///
    /// - Throws: ``StoreError``, as for a file, and ``StoreError/keyMissingBesideStore(path:directory:)``.
    public static func loadOrCreate(
        file: String,
        store directory: String? = nil
    ) throws(StoreError) -> MasterKey {
        do throws(StoreError) {
            return try load(file: file)
        } catch {
            guard case .keyMissing = error else { throw error }
        }
        let parent = StateDirectory.parent(of: file)
        let state = directory ?? parent.path
        guard !StateDirectory.holdsStore(state) else {
            throw .keyMissingBesideStore(path: file, directory: state)
        }
        do throws(SystemCall) {
            try StateDirectory.create(parent.path)
            let folder = try File(parent.path, flags: O_RDONLY | O_DIRECTORY, followLink: true)
            let draft = try writeNewKey(for: parent.name, in: folder)
            defer { do { try folder.remove(draft) } catch {} }
            do throws(SystemCall) {
                try folder.link(draft, to: parent.name)
            } catch {
                if error.code != EEXIST { throw error }
            }
            try folder.sync()
        } catch {
            throw .keyUnreadable(path: file, reason: error.reason)
        }
        // Whoever was first to link a key under this name, everyone reads that one back.
        return try load(file: file)
    }

    /// Writes a new key, durable, under a name of its own beside the one that it is for.
    static func writeNewKey(for name: String, in folder: File) throws(SystemCall) -> String {
        let draft = ".\(name).\(getpid()).\(UInt64.random(in: 0...UInt64.max))"
        let file = try File(draft, in: folder, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        do throws(SystemCall) {
            let key = SymmetricKey(size: .bits256)
            let written = try SystemCall.retrying("write") {
                // Unsafe: the key's own memory, for the time of the call.
                unsafe key.withUnsafeBytes {
                    unsafe Glibc.write(file.descriptor, $0.baseAddress, $0.count)
                }
            }
            guard written == byteCount else { throw SystemCall(name: "write", code: ENOSPC) }
            try file.sync()
            return draft
        } catch {
            do throws(SystemCall) { try folder.remove(draft) } catch {}
            throw error
        }
    }
}
