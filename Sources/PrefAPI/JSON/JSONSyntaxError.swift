/// Where and why a text is not JSON; never repeats the text.
struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    /// The line, from 1.
    let line: Int
    /// The column in that line, from 1, in bytes.
    let column: Int
    /// What was wrong there.
    let reason: String

    /// The place and the reason, for whoever sent the text.
    var description: String { "line \(line), column \(column): \(reason)" }

    /// Finds line and column of a byte offset.
    init(at offset: Int, of text: [UInt8], reason: String) {
        let before = text.prefix(offset)
        line = before.count { $0 == 0x0A } + 1
        column = offset - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        self.reason = reason
    }
}
