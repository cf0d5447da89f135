/// Counts words, sentences, questions and exclamations of prose.
struct ProseCounter {
    private(set) var words = 0
    private(set) var sentences = 0
    private(set) var questions = 0
    private(set) var exclamations = 0

    private var inWord = false
    private var joiner = false
    private var sentenceHasWords = false
    private var ended = false
    private var previous: Unicode.Scalar = " "
    private var pendingExclamation = false

    private static func isSpacedTerminal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "!", "?", "…", "؟", "।", "።", "\u{37E}": true
        default: false
        }
    }

    private static func isIdeographicTerminal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "。", "！", "？": true
        default: false
        }
    }

    private static func isQuestionMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "?", "？", "؟", "\u{37E}": true
        default: false
        }
    }

    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "'", "’", "-", ".", ",": true
        default: false
        }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x09...0x0D: true
        case 0...0x7F: false
        default: scalar.properties.isWhitespace
        }
    }

    /// Takes a run of ASCII letters, at least one.
    mutating func feed(letters: Span<UInt8>) {
        let last = Unicode.Scalar(letters[letters.count - 1])
        settleExclamation(before: last)
        takeWordScalar(last)
        previous = last
    }

    /// Takes the next scalar.
    mutating func feed(_ scalar: Unicode.Scalar) {
        if scalar == " " {
            takeSpace()
            return
        }
        defer { previous = scalar }
        settleExclamation(before: scalar)
        if isWordScalar(scalar) {
            takeWordScalar(scalar)
            return
        }
        joiner = inWord && !joiner && Self.isJoiner(scalar)
        if !joiner { inWord = false }
        if Self.isIdeographicTerminal(scalar) {
            endSentence()
        } else if Self.isSpacedTerminal(scalar) {
            ended = sentenceHasWords
        } else if Self.isSpace(scalar) {
            if ended { endSentence() }
        } else if !isClosing(scalar) {
            ended = false
        }
        let repeated = previous == scalar
        if Self.isQuestionMark(scalar), !repeated { questions += 1 }
        if scalar == "！", !repeated { exclamations += 1 }
        if scalar == "!", !repeated { pendingExclamation = true }
    }

    /// Takes a line's end, which white space also is.
    mutating func endWord() { takeSpace() }

    /// What ``feed(_:)-(Unicode.Scalar)`` comes to for the scalar that comes most.
    private mutating func takeSpace() {
        settleExclamation(before: " ")
        inWord = false
        joiner = false
        if ended { endSentence() }
        previous = " "
    }

    /// Ends the sentence, if there are words in it.
    mutating func endSentence() {
        settleExclamation(before: " ")
        inWord = false
        joiner = false
        if sentenceHasWords { sentences += 1 }
        sentenceHasWords = false
        ended = false
    }

    /// `!=` and `![` are notation and no exclamation.
    private mutating func settleExclamation(before scalar: Unicode.Scalar) {
        if pendingExclamation && scalar != "=" && scalar != "[" { exclamations += 1 }
        pendingExclamation = false
    }

    private mutating func takeWordScalar(_ scalar: Unicode.Scalar) {
        // A terminal with a letter right behind it was none: `e.g.`, `3.14`, `example.org`.
        ended = false
        sentenceHasWords = true
        if isIdeograph(scalar) {
            words += 1
            inWord = false
        } else if !inWord {
            words += 1
            inWord = true
        }
        joiner = false
    }

    private func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
        case 0...0x7F: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber:
            return true
        case .nonspacingMark, .spacingMark: return inWord
        default: return false
        }
    }

    /// Han, Hiragana and Katakana: scripts without spaces whose scalars are near to words.
    private func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3041...0x3096, 0x30A1...0x30FA, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF,
            0x2_0000...0x3_FFFD:
            true
        default: false
        }
    }

    private func isClosing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "'", "*", "_", "`", "!", "?", ")", "]", "}": true
        case "\0"..."\u{7F}": false
        default:
            switch scalar.properties.generalCategory {
            case .closePunctuation, .finalPunctuation: true
            default: false
            }
        }
    }
}
