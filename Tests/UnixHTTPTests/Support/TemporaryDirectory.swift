import FoundationEssentials
import Glibc

/// A directory of one test's own, removed with everything in it at the end.
///
/// It lies in `/tmp`, because a socket's path may have only 107 bytes.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/unixhttp.XXXXXX".utf8CString)
        // mkdtemp(3) replaces the six last characters of a buffer that it does not keep.
        guard unsafe mkdtemp(&template) != nil else { throw POSIXFailure(call: "mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A failed call to the C library.
struct POSIXFailure: Error, CustomStringConvertible {
    let call: String
    let code: CInt

    init(call: String, code: CInt = errno) {
        self.call = call
        self.code = code
    }

    var description: String { "\(call) failed with errno \(code)" }
}
