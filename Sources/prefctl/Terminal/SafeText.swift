/// Text from elsewhere, made safe to print: nothing in it can move the cursor, change colours, reach
/// the terminal's title or turn reading direction around.
enum SafeText {
    private static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// One line: line breaks and tabs become spaces.
    static func line(_ text: String) -> String {
        map(text) { scalar in
            switch scalar {
            case "\n", "\r", "\t": " "
            default: replacement
            }
        }
    }

    /// Several lines: line breaks and tabs stay.
    static func lines(_ text: String) -> String {
        map(text) { scalar in scalar == "\n" || scalar == "\t" ? scalar : replacement }
    }

    /// Whether a scalar does something to a terminal rather than show.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        // U+200C and U+200D are needed by scripts and emoji, and do no harm.
        case .format: scalar.value != 0x200C && scalar.value != 0x200D
        default: false
        }
    }

    private static func map(_ text: String, _ control: (Unicode.Scalar) -> Unicode.Scalar) -> String
    {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            safe.append(isControl(scalar) ? control(scalar) : scalar)
        }
        return String(safe)
    }
}
