internal import PrefRules

/// A text after the verdicts on it were carried out.
struct TrialOutput {
    /// The text as a client would have got it.
    private(set) var output: String
    /// Whether it was cut off before its end.
    private(set) var blocked = false

    init(text: String, verdicts: [Verdict]) {
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        var position = 0
        var appended: [String] = []
        for verdict in verdicts where !blocked {
            switch verdict.action {
            case .block:
                kept += bytes[position..<verdict.range.lowerBound]
                blocked = true
            case .redact(let replacement), .replace(let replacement):
                kept += bytes[position..<verdict.range.lowerBound] + Array(replacement.utf8)
                position = verdict.range.upperBound
            case .append(let text):
                if !appended.contains(text) { appended.append(text) }
            case .flag: break
            }
        }
        if !blocked {
            kept += bytes[position...]
            for text in appended { kept += Array("\n\n\(text)".utf8) }
        }
        output = String(decoding: kept, as: UTF8.self)
    }
}
