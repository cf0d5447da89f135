internal import Glibc

/// Exchanges the key in a file so that at every moment one of two files holds the key in force.
///
/// The old key gets a second name and the new one then takes its place, each step durable before the
/// next. The old one goes when the caller knows that nothing needs it any more.
struct KeyReplacement {
    let path: String

    /// Puts a new key at `path` and the old one at `path.previous`.
    func begin() throws(SystemCall) {
        let (folder, name) = try place()
        let previous = name + MasterKeySource.previousSuffix
        try folder.remove(previous)
        try folder.link(name, to: previous)
        try folder.sync()
        let draft = try MasterKey.writeNewKey(for: name, in: folder)
        do throws(SystemCall) {
            try folder.rename(draft, to: name)
        } catch {
            do throws(SystemCall) { try folder.remove(draft) } catch {}
            throw error
        }
        try folder.sync()
    }

    /// Overwrites and removes the old key.
    func finish() throws(SystemCall) {
        let (folder, name) = try place()
        let previous = name + MasterKeySource.previousSuffix
        do throws(SystemCall) {
            let file = try File(previous, in: folder, flags: O_RDWR | O_NONBLOCK)
            let status = try file.status()
            // A crash can leave both names on one file: then it is the key in force.
            if status.isRegular, status.links == 1 {
                try file.write([UInt8](repeating: 0, count: status.size), at: 0)
                try file.sync()
            }
        } catch {
            if error.code == ENOENT { return }
        }
        try folder.remove(previous)
        try folder.sync()
    }

    private func place() throws(SystemCall) -> (folder: File, name: String) {
        let parent = StateDirectory.parent(of: path)
        return (
            try File(parent.path, flags: O_RDONLY | O_DIRECTORY, followLink: true), parent.name
        )
    }
}
