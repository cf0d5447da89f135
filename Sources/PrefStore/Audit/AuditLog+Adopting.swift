internal import Glibc

extension AuditLog {
    private static let bytesPerRead = 1 << 20

    /// Copies a file of the log up to a place at which it once ended.
    static func copy(_ log: File, upTo end: UInt64, to file: File) throws {
        var place = 0
        while place < Int(end) {
            let bytes = try log.read(count: min(bytesPerRead, Int(end) - place), at: place)
            if bytes.isEmpty { break }
            try file.write(bytes, at: place)
            place += bytes.count
        }
    }

    /// Takes over the log of a restored backup, unless the one that is here goes on from it.
    ///
    /// One that does not is put aside, untouched. What was cut short in between is finished by the next
    /// call.
    static func adopt(from folder: File, into directory: StateDirectory) throws(SystemCall) {
        let reading = O_RDONLY | O_NONBLOCK
        guard let restored = try File.ifPresent(name, in: folder, flags: reading) else { return }
        // What was the file in use when the backup was made may be full by now.
        let names = try full(in: directory).map(fileName) + [name]
        for name in names.reversed() {
            let own = try File.ifPresent(name, in: directory.folder, flags: reading)
            if let own, try goesOn(own, from: restored) { return }
        }
        try putAside(in: directory)
        try folder.move(name, to: directory.folder)
    }

    private static func goesOn(_ own: File, from restored: File) throws(SystemCall) -> Bool {
        var place = 0
        while true {
            let wanted = try restored.read(count: bytesPerRead, at: place)
            if wanted.isEmpty { return true }
            guard try own.read(count: wanted.count, at: place) == wanted else { return false }
            place += wanted.count
        }
    }
}
