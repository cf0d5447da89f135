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

    private var matcher: SurfaceMatcher
    private var ledger: VerdictLedger
    private var decoder = ScalarDecoder()
    private var scalarStart = 0
    private var jsonEscapes: EscapeStage?
    private var unicodeEscapes = EscapeStage(.unicode)
    private var references = ReferenceStage()
    /// What is encoded in the text, where rules look into that.
    private var encoded: [EncodedRun]
    /// What models are asked about it; nil where no rule asks one.
    private var judged: JudgedText?
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
        matcher = SurfaceMatcher(program)
        // Nearly always empty: a scanner is made for every text of every stream.
        encoded = program.encoded.isEmpty ? [] : EncodedRun.of(program)
        judged = JudgedText(classifiers)
        ledger = VerdictLedger(rules: rules)
        jsonEscapes = surface == .toolArguments ? EscapeStage(.json) : nil
    }

    /// Takes the next bytes of the channel's text, cut anywhere, even inside a character.
    public mutating func feed(_ utf8: Span<UInt8>) {
        let base = offset
        var index = 0
        while index < utf8.count {
            if passesPlainText {
                index = matcher.skim(utf8, from: index, base: base)
                guard index < utf8.count else { break }
            }
            take(utf8[index], at: base + index)
            index += 1
        }
        offset = base + utf8.count
        for index in encoded.indices { encoded[index].feed(utf8, base: base) }
        judged?.feed(utf8)
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
        if !decoder.isIdle {
            decoder.reset()
            take(ShadowPiece(scalar: 0xfffd, start: scalarStart, end: offset))
        }
        if let pieces = jsonEscapes?.flush() { for piece in pieces { unescape(piece) } }
        for piece in unicodeEscapes.flush() { dereference(piece) }
        for piece in references.flush() { fold(piece) }
        matcher.finish()
        for index in encoded.indices { encoded[index].finish() }
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

    // MARK: From bytes to the shadow

    private var passesPlainText: Bool {
        decoder.isIdle && unicodeEscapes.heldStart == nil && references.heldStart == nil
            && jsonEscapes?.heldStart == nil
    }

    private mutating func take(_ byte: UInt8, at offset: Int) {
        if decoder.isIdle { scalarStart = offset }
        switch decoder.take(byte) {
        case .more: break
        case .scalar(let scalar):
            take(ShadowPiece(scalar: scalar, start: scalarStart, end: offset + 1))
        case .broken:
            take(ShadowPiece(scalar: 0xfffd, start: scalarStart, end: offset))
            take(byte, at: offset)
        }
    }

    private mutating func take(_ piece: ShadowPiece) {
        if let passes = jsonEscapes?.passes(piece.scalar), !passes {
            for piece in jsonEscapes?.take(piece) ?? [] { unescape(piece) }
        } else {
            unescape(piece)
        }
    }

    private mutating func unescape(_ piece: ShadowPiece) {
        if unicodeEscapes.passes(piece.scalar) {
            dereference(piece)
        } else {
            for piece in unicodeEscapes.take(piece) { dereference(piece) }
        }
    }

    private mutating func dereference(_ piece: ShadowPiece) {
        if references.passes(piece.scalar) {
            fold(piece)
        } else {
            for piece in references.take(piece) { fold(piece) }
        }
    }

    private mutating func fold(_ piece: ShadowPiece) {
        switch FoldTable.shared.folding(of: piece.scalar) {
        case .same: matcher.feed(piece)
        case .symbol(let symbol):
            matcher.feed(ShadowPiece(scalar: symbol, start: piece.start, end: piece.end))
        case .sequence(let symbols):
            for symbol in symbols {
                matcher.feed(ShadowPiece(scalar: symbol, start: piece.start, end: piece.end))
            }
        case .mark:
            if piece.start == matcher.lastEnd, piece.end - matcher.lastBareEnd <= Self.longestMarks
            {
                matcher.extendLast(to: piece.end)
            } else {
                skip(piece)
            }
        case .format: skip(piece)
        }
    }

    /// Leaves out an invisible character; an endless run of them ends whatever was going on.
    private mutating func skip(_ piece: ShadowPiece) {
        if piece.end - matcher.lastEnd > Self.longestInvisibleRun {
            matcher.feed(ShadowPiece(scalar: 0xfffd, start: piece.end, end: piece.end))
        }
    }

    // MARK: Deciding

    private mutating func note(_ hit: Hit) {
        ledger.add(hit)
        hitLog?.append(hit)
    }

    private mutating func settle() {
        for hit in matcher.takeHits() { note(hit) }
        for index in encoded.indices { for hit in encoded[index].takeHits() { note(hit) } }
        var held = offset
        if !decoder.isIdle { held = min(held, scalarStart) }
        if let start = jsonEscapes?.heldStart { held = min(held, start) }
        if let start = unicodeEscapes.heldStart { held = min(held, start) }
        if let start = references.heldStart { held = min(held, start) }
        if let start = matcher.heldStart { held = min(held, start) }
        for index in encoded.indices { held = min(held, encoded[index].heldStart ?? held) }
        if let start = judged?.heldStart { held = min(held, start) }
        decidedOffset = ledger.settle(heldStart: held)
    }
}
