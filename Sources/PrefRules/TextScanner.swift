/// Enforces rules on one channel of text as it comes: one choice's content, one tool call's
/// arguments, the reasoning of one block.
///
/// What it decides depends on the text alone, never on how it was cut into chunks. Feeding a chunk
/// in which nothing begins allocates nothing. It holds no text: the caller keeps what lies behind
/// `decidedOffset`, at most `greatestHoldBytes` besides the last chunk.
public struct TextScanner: Sendable {
    /// How many bytes may be held at most while a match is possible.
    ///
    /// A match is at most 16,384 characters of the shadow long (256 where validators look at it)
    /// and lies within this many bytes; rules see no longer ones, and models are shown no longer
    /// stretches (but for the rest of a character).
    public static let greatestHoldBytes = 1 << 16

    /// How many bytes of invisible characters in a row are seen through.
    static let longestInvisibleRun = 4096
    /// How many bytes of marks go along with the character that they stand on.
    static let longestMarks = 256

    /// Everything before this byte offset of the channel's text is decided and may leave, with the
    /// verdicts that end there or before.
    public private(set) var decidedOffset = 0

    private var text: TextMatcher
    private var ledger: VerdictLedger
    /// What models are asked about it; nil where no rule asks one.
    private var judged: JudgedText?
    // Whether there is that: to ask it would move it about at each chunk.
    private let isJudged: Bool
    private var offset = 0
    private var isFinished = false
    /// Every match as it was found, where someone asked to see them.
    var hitLog: [Hit]?

    init(
        program: SurfaceProgram,
        rules: [Rule],
        surface: TextSurface,
        classifiers: [RuleClassifier] = []
    ) {
        text = TextMatcher(
            program,
            // Nearly always empty: a scanner is made for every text of every stream.
            encoded: program.encoded.isEmpty ? [] : EncodedRun.of(program),
            escapes: surface == .toolArguments ? .json : .unicode
        )
        judged = JudgedText(classifiers)
        isJudged = !classifiers.isEmpty
        ledger = VerdictLedger(rules: rules)
    }

    /// Takes the next bytes of the channel's text, cut anywhere, even inside a character.
    public mutating func feed(_ utf8: Span<UInt8>) {
        text.feed(utf8, base: offset)
        offset += utf8.count
        if isJudged { judged?.feed(utf8) }
        settle()
    }

    /// Takes the next piece of the channel's text.
    public mutating func feed(_ text: String) {
        var text = text
        text.makeContiguousUTF8()
        feed(text.utf8.span)
    }

    /// Says that the text ends here: everything is decided now.
    public mutating func finish() {
        guard !isFinished else { return }
        isFinished = true
        text.finish()
        judged?.finish()
        settle()
    }

    /// What models are to be asked about the text, since the last call.
    ///
    /// Each question must be answered: until then no byte of its stretch is decided.
    public mutating func takeQuestions() -> [ClassifierQuestion] { judged?.takeQuestions() ?? [] }

    /// Takes the answer to a question of this scanner.
    public mutating func answer(_ question: ClassifierQuestion, isUnsafe: Bool) {
        judged?.settle(question)
        if isUnsafe { note(Hit(rule: question.classifier.rule, range: question.window)) }
        settle()
    }

    /// The verdicts that have become certain since the last call.
    ///
    /// Those that change text come in the order of the text, do not overlap and end at
    /// `decidedOffset` or before.
    public mutating func takeVerdicts() -> [Verdict] { ledger.take() }

    /// The ids of the `required` rules of which the text has said what they ask for, since the last
    /// call.
    public mutating func takeMet() -> [String] { ledger.takeMet() }

    // MARK: Deciding

    private mutating func note(_ hit: Hit) {
        ledger.add(hit)
        hitLog?.append(hit)
    }

    private mutating func settle() {
        for hit in text.takeHits() { note(hit) }
        var held = min(offset, text.heldStart ?? offset)
        if isJudged, let start = judged?.heldStart { held = min(held, start) }
        decidedOffset = ledger.settle(heldStart: held)
    }
}
