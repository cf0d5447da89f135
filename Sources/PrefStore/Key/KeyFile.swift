internal import CSecretMemory
internal import Glibc

/// Reads a master key from a file into secret memory, and says exactly what is wrong with it.
struct KeyFile {
    /// How strictly the file's mode is judged.
    enum Access {
        /// Nobody but the owner, who is this user or root.
        case ownerOnly
        /// systemd decides who may read a credential: an access list shows as group-readable.
        case credential
    }

    /// No spelling of a key is longer: 64 digits and a line end.
    private static let longest = 66
    let path: String
    let access: Access

    func read() throws(StoreError) -> MasterKey {
        let file = try open()
        let size = try check(file)
        var length = 0
        let contents = try SecretBytes(count: Self.longest) { span throws(StoreError) in
            length = try fill(&span, from: file)
        }
        guard length == size else { throw .keyTruncated(path: path, bytes: length) }
        var spelling = KeySpelling.unknown
        let key = try SecretBytes(count: MasterKey.byteCount) { key in
            spelling = contents.withBytes {
                KeySpelling.decode($0.extracting(first: length), into: &key)
            }
        }
        switch spelling {
        case .key: return MasterKey(key)
        case .cutShort: throw .keyTruncated(path: path, bytes: length)
        case .unknown: throw .keyMalformed(path: path, bytes: length)
        }
    }

    private func open() throws(StoreError) -> File {
        do throws(SystemCall) {
            return try File(path, flags: O_RDONLY | O_NONBLOCK)
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR: throw .keyMissing(path: path)
            case ELOOP: throw .keyNotRegularFile(path: path)
            default: throw .keyUnreadable(path: path, reason: error.reason)
            }
        }
    }

    private func check(_ file: File) throws(StoreError) -> Int {
        let status: File.Status
        do throws(SystemCall) {
            status = try file.status()
        } catch {
            throw .keyUnreadable(path: path, reason: error.reason)
        }
        guard status.isRegular else { throw .keyNotRegularFile(path: path) }
        guard status.owner == geteuid() || status.owner == 0 else {
            throw .keyForeignOwner(path: path)
        }
        let forbidden: UInt32 =
            switch access {
            case .ownerOnly: 0o077
            case .credential: 0o037
            }
        guard status.mode & forbidden == 0 else {
            throw .keyTooOpen(path: path, mode: status.mode)
        }
        guard status.size <= Self.longest else {
            throw .keyMalformed(path: path, bytes: status.size)
        }
        return status.size
    }

    private func fill(
        _ span: inout MutableRawSpan,
        from file: File
    ) throws(StoreError) -> Int {
        var length = 0
        while length < span.byteCount {
            var rest = span._mutatingExtracting(droppingFirst: length)
            do throws(SystemCall) {
                let got = try SystemCall.retrying("read") {
                    // Unsafe: reads into secret memory that `rest` owns for the time of the call.
                    unsafe rest.withUnsafeMutableBytes { buffer in
                        unsafe Glibc.read(file.descriptor, buffer.baseAddress, buffer.count)
                    }
                }
                if got == 0 { break }
                length += got
            } catch {
                throw .keyUnreadable(path: path, reason: error.reason)
            }
        }
        return length
    }
}
