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
        for field in fields where Journal.isValidName(field.name) {
            var pair: [UInt8] = line.isEmpty ? [] : [UInt8(ascii: " ")]
            pair.append(contentsOf: field.name.utf8)
            pair.append(UInt8(ascii: "="))
            pair.append(contentsOf: spelled(field.value).utf8)
            // Room for the mark and the line break.
            guard line.count + pair.count + 5 <= maxBytes else {
                line.append(contentsOf: " …".utf8)
                break
            }
            line.append(contentsOf: pair)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func spelled(_ value: String) -> String {
        if !value.isEmpty, value.utf8.count <= maxValueBytes, value.utf8.allSatisfy(isPlain) {
            return value
        }
        var quoted = "\""
        var taken = 0
        for scalar in value.unicodeScalars {
            taken += UTF8.width(scalar)
            guard taken <= maxValueBytes else {
                quoted += "…"
                break
            }
            quoted += escaped(scalar)
        }
        return quoted + "\""
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

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            && byte != UInt8(ascii: "=")
    }
}
