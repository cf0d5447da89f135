internal import FoundationEssentials
internal import Glibc
internal import PrefModel

/// What an app shows the bridge to prove that its owner let it in.
struct BridgeToken: Sendable {
    let text: String

    /// A new one, of 256 random bits.
    static func made() -> BridgeToken {
        var generator = SystemRandomNumberGenerator()
        var text = "prefd-"
        for _ in 0..<4 {
            let digits = String(generator.next(), radix: 16)
            text += String(repeating: "0", count: 16 - digits.count) + digits
        }
        return BridgeToken(text: text)
    }

    /// The one in a file that only its owner can read; where there is none, a new one is put there.
    ///
    /// - Throws: ``CommandFailure``.
    static func kept(in path: String) throws(CommandFailure) -> BridgeToken {
        let made = made()
        // O_EXCL: a file that appears meanwhile is read instead, not overwritten.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            defer { close(descriptor) }
            let bytes = Array((made.text + "\n").utf8)
            // write(2) reads as many bytes as the array has.
            guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else {
                unsafe unlink(path)
                throw CommandFailure(
                    message: "The token cannot be written to \(path).",
                    hint: "Make room on the disk, or name another file."
                )
            }
            return made
        }
        guard errno == EEXIST else {
            throw CommandFailure(
                message: "The token file \(path) cannot be made.",
                hint: "Name a file in a directory that is yours."
            )
        }
        return try read(path)
    }

    private static func read(_ path: String) throws(CommandFailure) -> BridgeToken {
        var information = stat()
        // stat(2) fills in the one structure that it is given.
        guard unsafe stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            information.st_uid == geteuid(), information.st_mode & 0o077 == 0
        else {
            throw CommandFailure(
                message: "The token file \(path) is not a file of yours that only you can read.",
                hint: "chmod 600 it, or remove it: a new one is made."
            )
        }
        guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= 4_096 else {
            throw CommandFailure(
                message: "The token file \(path) cannot be read.",
                hint: "Remove it: a new one is made."
            )
        }
        let text = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        guard text.utf8.count >= 16, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CommandFailure(
                message:
                    "The token in \(path) is too short, or has characters that no header takes.",
                hint: "Remove the file: a new token is made."
            )
        }
        return BridgeToken(text: text)
    }

    /// Whether what an app shows is the token; takes as long wherever they differ.
    func admits(_ shown: String) -> Bool {
        let (mine, theirs) = (Array(text.utf8), Array(shown.utf8))
        var difference = mine.count ^ theirs.count
        for index in theirs.indices {
            difference |= Int(mine[index % mine.count] ^ theirs[index])
        }
        return difference == 0
    }
}
