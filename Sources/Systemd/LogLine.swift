/// The fields of a journal entry as one line of text, for where there is no journal.
///
/// `NAME=value` pairs with a space between them. A value that is not plain printable ASCII without
/// spaces, quotes or backslashes is put in double quotes; in quotes, `"` and `\` are escaped by a
/// backslash, line breaks and tabs are `\n`, `\r`, `\t`, and every other control or invisible
/// formatting character is `\u{…}`: no value can end the line or move a terminal's cursor.
enum LogLine {
    /// The longest line, in bytes, with its line break: `PIPE_BUF`, below which a write to a pipe
    /// is never mixed with another's (POSIX, write).
    static let maxBytes = 4_096
    /// The longest value, in bytes before escaping.
    static let maxValueBytes = 1_024

    /// The line, with its line break.
    ///
    /// What does not fit is cut off and marked `…`.
    static func bytes(_ fields: [Journal.Field]) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(512)
        for field in fields where Journal.isValidName(field.name) {
            let start = line.count
            if start > 0 { line.append(UInt8(ascii: " ")) }
            line.append(contentsOf: field.name.utf8)
            line.append(UInt8(ascii: "="))
            spell(field.value, onto: &line)
            // Room for the mark and the line break.
            guard line.count + 5 <= maxBytes else {
                line.removeSubrange(start...)
                line.append(contentsOf: " …".utf8)
                break
            }
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func spell(_ value: String, onto line: inout [UInt8]) {
        let length = value.utf8.count
        let looks = Looks(of: value)
        if looks.isPlain, length > 0, length <= maxValueBytes {
            return line.append(contentsOf: value.utf8)
        }
        line.append(UInt8(ascii: "\""))
        defer { line.append(UInt8(ascii: "\"")) }
        if looks.needsNoEscapes, length <= maxValueBytes {
            return line.append(contentsOf: value.utf8)
        }
        var taken = 0
        for scalar in value.unicodeScalars {
            taken += UTF8.width(scalar)
            guard taken <= maxValueBytes else {
                return line.append(contentsOf: "…".utf8)
            }
            line.append(contentsOf: escaped(scalar).utf8)
        }
    }

    /// How a value's bytes look: nearly all of them need nothing, and one look over them says so.
    private struct Looks {
        let isPlain: Bool
        let needsNoEscapes: Bool

        init(of value: String) {
            var value = value
            value.makeContiguousUTF8()
            let bytes = value.utf8.span
            // Numbers in place of truth values, and no early end: without branches many bytes are
            // looked at at once.
            var (marked, special) = (UInt8(0), UInt8(0))
            for index in bytes.indices {
                let byte = bytes[index]
                marked |= byte == 0x20 || byte == UInt8(ascii: "=") ? 1 : 0
                special |= byte < 0x20 || byte > 0x7E ? 1 : 0
                special |= byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
            }
            isPlain = marked | special == 0
            needsNoEscapes = special == 0
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            "\\u{" + String(scalar.value, radix: 16) + "}"
        default: String(scalar)
        }
    }
}
