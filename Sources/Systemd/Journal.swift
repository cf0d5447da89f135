private import CSystemd
private import Glibc

/// The systemd journal's native protocol.
///
/// Source: sd_journal_sendv(3), "Native Journal Protocol" at systemd.io.
public enum Journal {
    /// One field of an entry.
    public typealias Field = (name: String, value: String)

    /// Where journald receives entries.
    static let socketPath = "/run/systemd/journal/socket"

    /// Whether journald receives entries on this host, as of now.
    ///
    /// `sd_journal_send` succeeds with no journald too, so its result cannot be asked; a socket
    /// file may be left over from one. Only connecting tells.
    public static var isListening: Bool {
        // The path is lent for the call.
        unsafe csystemd_datagram_socket_listens(socketPath) == 1
    }

    /// Sends one entry; values may hold line breaks.
    ///
    /// May wait while journald's queue is full.
    ///
    /// Fields whose name the journal would not take are left out.
    ///
    /// - Returns: Whether libsystemd took it; true also where no journald listens.
    @discardableResult
    public static func send(_ fields: [Field]) -> Bool {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        for field in fields where isValidName(field.name) {
            let start = bytes.count
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(UInt8(ascii: "="))
            bytes.append(contentsOf: field.value.utf8)
            lengths.append(bytes.count - start)
        }
        guard !lengths.isEmpty else { return true }
        // Both arrays are lent for the call, and `lengths` adds up to `bytes.count`.
        return unsafe csystemd_journal_send(bytes, lengths, lengths.count) == 0
    }

    /// Whether the journal takes a field of this name from a client: upper-case letters, digits and
    /// underscores, neither a digit nor an underscore first, 64 bytes at most.
    static func isValidName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
        return isUpperCase(first)
            && name.utf8.allSatisfy { isUpperCase($0) || isDigit($0) || $0 == 0x5F }
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
