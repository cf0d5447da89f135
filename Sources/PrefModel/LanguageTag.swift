/// BCP 47 language tags, as far as a preference needs them: well-formedness and canonical case.
///
/// Source: RFC 5646, section 2.1 (syntax) and 2.1.1 (formatting).
public enum LanguageTag {
    /// The tag in canonical case (`pt-BR`, `zh-Hant-TW`), or nil where it is not well-formed.
    public static func canonical(_ text: String) -> String? {
        guard text.utf8.count <= 35, text.utf8.allSatisfy(isAllowed) else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let language = parts.first,
            (2...3).contains(language.count) || (5...8).contains(language.count),
            language.utf8.allSatisfy(isLetter)
        else { return nil }
        var canonical = [language.lowercased()]
        for part in parts.dropFirst() {
            guard (1...8).contains(part.count) else { return nil }
            canonical.append(formatted(part))
        }
        guard parts.last.map({ $0.count > 1 }) == true else { return nil }
        return canonical.joined(separator: "-")
    }

    private static func formatted(_ part: String) -> String {
        let letters = part.utf8.allSatisfy(isLetter)
        return switch (part.count, letters) {
        case (2, true): part.uppercased()
        case (4, true): part.prefix(1).uppercased() + part.dropFirst().lowercased()
        default: part.lowercased()
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
}
