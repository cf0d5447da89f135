internal import FoundationEssentials
internal import PrefModel

/// An answer as JSON for people and pipes.
enum JSONText {
    /// Pretty, with sorted keys, and with everything escaped that a terminal would act on.
    static func of(_ answer: some Encodable) throws -> String {
        safe(String(decoding: try PrefJSON.encode(answer, pretty: true), as: UTF8.self))
    }

    /// Escapes control characters, which in valid JSON can only stand inside strings; line breaks and
    /// tabs stand between values.
    static func safe(_ json: String) -> String {
        var safe = ""
        for scalar in json.unicodeScalars {
            if scalar == "\n" || scalar == "\r" || scalar == "\t" || !SafeText.isControl(scalar) {
                safe.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    safe += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return safe
    }
}
