internal import Crypto
internal import FoundationEssentials

/// Where a log stands: its last entry's number and hash.
public struct AuditHead: Equatable, Sendable {
    /// The entry's number, from 1.
    public let sequence: UInt64
    /// 64 hex digits: the hash of all entries up to this one.
    public let hash: String

    /// Before the first entry.
    static let none = AuditHead(sequence: 0, hash: String(repeating: "0", count: hashDigits))
    static let hashDigits = 64

    /// `SEQUENCE:HASH`.
    var spelling: String { "\(sequence):\(hash)" }
}

extension AuditHead {
    /// Reads what `spelling` says, and nothing else.
    init?(spelling: String) {
        let parts = spelling.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = UInt64(parts[0]), String(sequence) == parts[0],
            parts[1].utf8.count == Self.hashDigits, Hex.decode(String(parts[1])) != nil
        else { return nil }
        self.init(sequence: sequence, hash: String(parts[1]))
    }
}

/// One line of the log.
///
/// ```
/// SEQUENCE TIME KIND SUBJECT NAME=VALUE… HASH
/// ```
/// with one space between, the subject a pseudonym or `-`, and at the end the SHA-256, in hex, of the
/// line before's hash (64 zeros for the first), a line feed, and the line up to the space before its
/// hash. So the hash of a line stands for all lines up to it, and `sha256sum` can check them.
struct AuditEntry {
    let sequence: UInt64
    let kind: String
    let details: [Substring]
    let hash: String
    /// The line up to its hash.
    let text: Substring

    /// The line of an action.
    static func line(
        _ action: AuditAction,
        after head: AuditHead,
        at time: Date
    ) -> (line: String, head: AuditHead) {
        let sequence = head.sequence + 1
        let seconds = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
        let details = action.details.map { "\($0.name)=\(word($0.value))" }
        let text =
            (["\(sequence)", seconds.ISO8601Format(), action.kind.rawValue, action.subject ?? "-"]
            + details).joined(separator: " ")
        let hash = hash(of: text[...], after: head.hash)
        return ("\(text) \(hash)\n", AuditHead(sequence: sequence, hash: hash))
    }

    /// Takes a line, without its end, apart; nil where it is none.
    init?(_ line: String) {
        guard let space = line.lastIndex(of: " ") else { return nil }
        text = line[..<space]
        hash = String(line[line.index(after: space)...])
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count >= 4, let sequence = UInt64(parts[0]),
            hash.utf8.count == AuditHead.hashDigits
        else { return nil }
        self.sequence = sequence
        kind = String(parts[2])
        details = Array(parts[4...])
    }

    /// Whether the hash is the one of this line behind another.
    func follows(_ hash: String) -> Bool { Self.hash(of: text, after: hash) == self.hash }

    /// A detail's value.
    func detail(_ name: String) -> String? {
        details.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    var head: AuditHead { AuditHead(sequence: sequence, hash: hash) }

    private static func hash(of text: Substring, after hash: String) -> String {
        Hex.encode(Array(SHA256.hash(data: Array((hash + "\n" + text).utf8))))
    }

    /// What may stand in a line: anything else is written as `_`.
    private static func word(_ value: String) -> String {
        String(
            value.unicodeScalars.map { scalar -> Character in
                (0x21...0x7E).contains(scalar.value) ? Character(scalar) : "_"
            }
        )
    }
}
