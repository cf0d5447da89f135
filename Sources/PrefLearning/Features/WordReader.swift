/// Reads the words of prose one scalar at a time: what they are signs of, their length and build.
struct WordReader {
    private(set) var counts = [Int](repeating: 0, count: Lexicon.Kind.allCases.count)
    /// Words of scripts that are written with spaces.
    private(set) var spacedWords = 0
    /// Words of more than six letters (LIX's long words).
    private(set) var longWords = 0
    /// Words of twelve letters or more.
    private(set) var veryLongWords = 0
    /// Acronyms, camel case, and letters mixed with digits.
    private(set) var technicalTokens = 0
    /// `don't`, `we're`, `I'll`: with an apostrophe that stands for letters.
    private(set) var contractions = 0
    /// Spans between single backticks.
    private(set) var inlineCode = 0
    /// Words of the first sentence, counted until it ends.
    private(set) var firstSentenceWords = 0
    /// Whether the first sentence begins as a preamble does, asks, or ends in a colon.
    private(set) var opensIndirectly = false

    private let lexicon: Lexicon
    private var hash = Lexicon.emptyHash
    private var letters = 0
    private var capitals = 0
    private var digits = 0
    /// The letters behind an apostrophe, packed; 0 where there are none.
    private var afterApostrophe: UInt32 = 0
    private var hasApostrophe = false
    /// The hashes of the last three words, the nearest first; 0 where a sentence begins.
    private var history: (UInt64, UInt64, UInt64) = (0, 0, 0)
    private var inFirstSentence = true
    private var previous: Unicode.Scalar = " "
    private var backtickOpen = false
    private var sentenceWords = 0

    init(_ lexicon: Lexicon) { self.lexicon = lexicon }

    /// How many phrases of a kind have been read.
    func count(_ kind: Lexicon.Kind) -> Int { counts[kind.rawValue] }

    /// Takes a run of ASCII letters, at least one.
    mutating func feed(letters run: Span<UInt8>) {
        var hash = hash
        for place in run.indices {
            let isCapital = run[place] & 0x20 == 0
            let lower = UInt32(run[place] | 0x20)
            if isCapital { capitals += 1 }
            if hasApostrophe { afterApostrophe = afterApostrophe << 8 | lower }
            hash = Lexicon.hash(hash, lower)
        }
        self.hash = hash
        letters += run.count
        previous = Unicode.Scalar(run[run.count - 1])
    }

    /// Takes the next scalar.
    mutating func feed(_ scalar: Unicode.Scalar) {
        defer { previous = scalar }
        let value = scalar.value
        switch value {
        case 0x61...0x7A: letter(value, isCapital: false)
        case 0x41...0x5A: letter(value + 0x20, isCapital: true)
        case 0x30...0x39:
            digits += 1
            hash = Lexicon.hash(hash, value)
        case 0x27, 0x2019:
            if letters > 0 {
                hasApostrophe = true
                hash = Lexicon.hash(hash, 0x27)
            }
        case 0x60:
            endWord()
            if backtickOpen { inlineCode += 1 }
            backtickOpen.toggle()
        case 0...0x7F: endWord()
        default:
            if scalar.properties.isAlphabetic && !scalar.properties.isIdeographic {
                let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
                letter(lower.value, isCapital: scalar.properties.isUppercase)
            } else {
                endWord()
            }
        }
        if value == 0x20 || value == 0x0A || value == 0x09 { settleSentence() }
    }

    /// Takes the end of a sentence, an item or a paragraph.
    mutating func endSentence() {
        endWord()
        backtickOpen = false
        closeSentence(by: previous)
    }

    private mutating func settleSentence() {
        switch previous {
        case ".", "!", "?", ":": closeSentence(by: previous)
        default: break
        }
    }

    private mutating func closeSentence(by mark: Unicode.Scalar) {
        history = (0, 0, 0)
        guard sentenceWords > 0 else { return }
        if inFirstSentence {
            firstSentenceWords = sentenceWords
            if mark == "?" || mark == ":" { opensIndirectly = true }
            inFirstSentence = false
        }
        sentenceWords = 0
    }

    private mutating func letter(_ value: UInt32, isCapital: Bool) {
        letters += 1
        if isCapital { capitals += 1 }
        if hasApostrophe { afterApostrophe = afterApostrophe << 8 | (value & 0xFF) }
        hash = Lexicon.hash(hash, value)
    }

    /// What stands behind an apostrophe for letters left out: t, d, m, re, ve, ll.
    private static func isElided(_ packed: UInt32) -> Bool {
        switch packed {
        case 0x74, 0x64, 0x6D, 0x7265, 0x7665, 0x6C6C: true
        default: false
        }
    }

    private mutating func endWord() {
        guard letters + digits > 0 else { return }
        defer {
            hash = Lexicon.emptyHash
            letters = 0
            capitals = 0
            digits = 0
            hasApostrophe = false
            afterApostrophe = 0
        }
        spacedWords += 1
        sentenceWords += 1
        if letters > 6 { longWords += 1 }
        if letters >= 12 { veryLongWords += 1 }
        if capitals >= 2 || (digits > 0 && letters > 1) { technicalTokens += 1 }
        if hasApostrophe && Self.isElided(afterApostrophe) { contractions += 1 }
        for place in lexicon.endings(hash) where lexicon[place].follows(history) {
            take(lexicon[place])
        }
        history = (hash, history.0, history.1)
    }

    private mutating func take(_ phrase: Lexicon.Phrase) {
        guard phrase.kind == .preamble else {
            counts[phrase.kind.rawValue] += 1
            return
        }
        // A preamble opens the answer; the same words further on are no preamble.
        let isOpening = inFirstSentence && sentenceWords == phrase.words
        if isOpening { opensIndirectly = true }
    }
}
