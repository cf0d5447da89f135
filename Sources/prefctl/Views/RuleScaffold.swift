/// A rule pack of one rule, as text to be edited.
struct RuleScaffold {
    let pack: String
    let id: String
    let description: String
    let literals: [String]
    let regex: String?
    let action: String
    let match: [String]
    let pass: [String]

    /// The pack.
    var yaml: String {
        let detect =
            regex.map { "{ regex: \(Self.quoted($0)) }" }
            ?? "{ literal: [\(literals.map(Self.quoted).joined(separator: ", "))] }"
        return """
            pack: \(pack)
            rules:
              - id: \(id)
                description: \(Self.quoted(description))
                detect: \(detect)
                where: [output, reasoning, tool_args]
                action: \(action)
                # Texts in which it must match, and such as look alike and must stay.
                \(list("match", match.isEmpty ? literals : match))
                \(list("pass", pass))

            """
    }

    /// A key with its texts; commented out where there are none.
    private func list(_ key: String, _ texts: [String]) -> String {
        guard !texts.isEmpty else { return "# \(key): ['…']" }
        return "\(key):" + texts.map { "\n      - \(Self.quoted($0))" }.joined()
    }

    /// A text as a YAML scalar: in single quotes, where a quote is written twice; in double ones
    /// where it has line breaks or controls.
    private static func quoted(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            return "'"
                + text.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "''") + "'"
        }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\t": "\\t"
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                "\\x" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
