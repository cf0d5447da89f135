internal import Glibc

/// An open file; closed when nothing refers to it any more.
final class File: Sendable {
    /// What `fstat` says of a file, as far as the store cares.
    struct Status {
        let isRegular: Bool
        let isDirectory: Bool
        let mode: UInt32
        let owner: UInt32
        let size: Int
        let links: Int
    }

    let descriptor: Int32

    /// Opens a path, relative to a directory where one is given.
    ///
    /// Never follows a symbolic link as the last step unless told so, and never becomes a
    /// controlling terminal.
    init(
        _ path: String,
        in directory: File? = nil,
        flags: Int32,
        mode: mode_t = 0o600,
        followLink: Bool = false
    ) throws(SystemCall) {
        let all = flags | O_CLOEXEC | O_NOCTTY | (followLink ? 0 : O_NOFOLLOW)
        let base = directory?.descriptor ?? AT_FDCWD
        descriptor = Int32(
            // Unsafe: the path is a terminated string for the time of the call.
            try SystemCall.retrying("open") { Int(unsafe openat(base, path, all, mode)) }
        )
    }

    deinit { _ = close(descriptor) }

    /// Opens a file as ``init(_:in:flags:mode:followLink:)`` does; nil where there is none.
    static func ifPresent(
        _ path: String,
        in directory: File? = nil,
        flags: Int32,
        mode: mode_t = 0o600
    ) throws(SystemCall) -> File? {
        do throws(SystemCall) {
            return try File(path, in: directory, flags: flags, mode: mode)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    func status() throws(SystemCall) -> Status {
        var raw = stat()
        // Unsafe: fstat fills the structure that it is given.
        try SystemCall.retrying("fstat") { Int(unsafe fstat(descriptor, &raw)) }
        return Status(
            isRegular: raw.st_mode & S_IFMT == S_IFREG,
            isDirectory: raw.st_mode & S_IFMT == S_IFDIR,
            mode: raw.st_mode & 0o7777,
            owner: raw.st_uid,
            size: Int(raw.st_size),
            links: Int(raw.st_nlink)
        )
    }

    /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
    func read(count: Int, at offset: Int) throws(SystemCall) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = try SystemCall.retrying("read") {
                // Unsafe: reads into the part of the array's own buffer that is not filled yet.
                unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe pread(
                        descriptor,
                        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).baseAddress,
                        count - filled,
                        off_t(offset + filled)
                    )
                }
            }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Writes all bytes at `offset`.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemCall) {
        var done = 0
        while done < bytes.count {
            let position = off_t(offset + done)
            done += try SystemCall.retrying("write") {
                // Unsafe: writes from the part of the array's own buffer that is still to go.
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe pwrite(
                        descriptor,
                        UnsafeRawBufferPointer(rebasing: buffer[done...]).baseAddress,
                        buffer.count - done,
                        position
                    )
                }
            }
        }
    }

    func sync() throws(SystemCall) { try SystemCall.retrying("fsync") { Int(fsync(descriptor)) } }

    func truncate(to size: Int) throws(SystemCall) {
        try SystemCall.retrying("ftruncate") { Int(ftruncate(descriptor, off_t(size))) }
    }

    /// Takes the file's exclusive lock without waiting; it goes with the descriptor.
    func lock() throws(SystemCall) {
        try SystemCall.retrying("flock") { Int(flock(descriptor, LOCK_EX | LOCK_NB)) }
    }

    /// Gives the lock back before the descriptor is closed.
    func unlock() { _ = flock(descriptor, LOCK_UN) }

    /// Renames within this directory, replacing what is there.
    func rename(_ from: String, to name: String) throws(SystemCall) {
        // Unsafe: both names are terminated strings for the time of the call.
        try SystemCall.retrying("rename") {
            Int(unsafe renameat(descriptor, from, descriptor, name))
        }
    }

    /// Gives a file of this directory a second name, unless that name is taken.
    func link(_ from: String, to name: String) throws(SystemCall) {
        // Unsafe: as above.
        try SystemCall.retrying("link") {
            Int(unsafe linkat(descriptor, from, descriptor, name, 0))
        }
    }

    /// Removes a file of this directory; one that is not there is no failure.
    func remove(_ name: String) throws(SystemCall) {
        do throws(SystemCall) {
            // Unsafe: as above.
            try SystemCall.retrying("unlink") { Int(unsafe unlinkat(descriptor, name, 0)) }
        } catch {
            if error.code != ENOENT { throw error }
        }
    }
}
