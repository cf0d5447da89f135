import NIOHTTP1

/// What a proxy says of a way that it did not open, for the person who runs it.
///
/// Source: RFC 9209, section 2.1.8 (`details`).
enum ProxyStatus {
    static let field = "proxy-status"

    /// The field's value with its details, quoted (RFC 9651, section 3.3.3).
    static func value(details: String) -> String {
        let text = details.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }
        var quoted = ""
        for scalar in text {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return "prefd-egress; details=\"\(quoted)\""
    }

    /// The details that an answer has, if any.
    static func details(in headers: HTTPHeaders) -> String? {
        guard let value = headers.first(name: field),
            let start = value.firstRange(of: "details=\"")?.upperBound
        else { return nil }
        var text = ""
        var isEscaped = false
        for character in value[start...] {
            if !isEscaped, character == "\"" { return text }
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            isEscaped = false
            text.append(character)
        }
        return nil
    }
}
