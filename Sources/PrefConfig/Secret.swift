private import Glibc

/// A secret's bytes, which no description, dump or error shows.
///
/// For keys that go into a request's header. It is ordinary memory: the master key has a reader of
/// its own.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The largest secret that is read, in bytes.
    static let maxBytes = 16_384

    /// The secret, without the line break that editors put at its end: visible ASCII, one line.
    public let text: String

    /// Never the secret.
    public var description: String { "(secret)" }
    /// Never the secret.
    public var debugDescription: String { "(secret)" }
    /// Never the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Reads a secret from its place.
    ///
    /// A file must be a regular file of this user or root that nobody else can read or write. A
    /// credential's mode is the service manager's affair.
    ///
    /// - Throws: ``SecretError``.
    public init(
        from source: SecretSource,
        environment: [String: String]
    ) throws(SecretError) {
        let path = try source.path(environment: environment)
        var bytes = try Self.contents(of: path, source: source)
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .empty(path: path) }
        // A line break or another control character would end the header it is put in.
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .notOneLine(path: path)
        }
        // The guard above leaves nothing to repair.
        text = String(decoding: bytes, as: UTF8.self)
    }

    private static func contents(
        of path: String,
        source: SecretSource
    ) throws(SecretError) -> [UInt8] {
        // The checks are made on the descriptor that is read, so that no one can exchange the file
        // in between; O_NONBLOCK keeps a FIFO from holding the start up. The path is lent for the
        // call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .missing(path: path) }
            throw .unreadable(path: path, reason: reason(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        // Fills the struct that it is lent.
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: reason(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        if case .file = source {
            guard status.st_uid == geteuid() || status.st_uid == 0 else {
                throw .foreignOwner(path: path, uid: status.st_uid)
            }
            guard status.st_mode & 0o077 == 0 else {
                throw .openToOthers(path: path, mode: UInt32(status.st_mode & 0o777))
            }
        }
        var bytes = [UInt8](repeating: 0, count: maxBytes + 1)
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                // Within the buffer: it has `maxBytes + 1` bytes, and `count` is smaller.
                unsafe read(
                    descriptor,
                    buffer.baseAddress?.advanced(by: count),
                    buffer.count - count
                )
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
            if got == 0 { break }
            count += got
        }
        guard count <= maxBytes else { throw .tooLong(path: path) }
        return Array(bytes.prefix(count))
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EACCES, EPERM: "permission denied"
        case EIO: "input/output error"
        case EMFILE, ENFILE: "too many open files"
        default: "errno \(code)"
        }
    }
}

extension SecretSource {
    /// The path of the file that holds the secret.
    ///
    /// - Throws: ``SecretError/noCredentials(name:)``.
    public func path(environment: [String: String]) throws(SecretError) -> String {
        switch self {
        case .file(let path): return path
        case .credential(let name):
            guard let directory = environment["CREDENTIALS_DIRECTORY"], directory.hasPrefix("/")
            else {
                throw .noCredentials(name: name)
            }
            return directory + "/" + name
        }
    }
}
