internal import Glibc

/// Paths as the service can follow them: it works in another directory than whoever runs prefctl.
enum AbsolutePath {
    /// The path itself, or under the working directory.
    static func of(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        // SAFETY: with no buffer given, getcwd allocates the text, which is freed once copied.
        guard let working = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(working) }
        return unsafe String(cString: working) + "/" + path
    }
}
