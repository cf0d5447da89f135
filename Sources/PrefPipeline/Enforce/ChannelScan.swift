import ChatWire
import PrefModel
import PrefRules

/// One text of an answer on its way past the rules.
struct ChannelScan {
    /// Its number among all of the answer.
    let number: Int
    let id: ChannelID
    let surface: PrefRules.TextSurface
    /// Whether the text spells out again what came before in pieces.
    let repeats: Bool
    /// Bytes of decoded text fed so far.
    private(set) var fedBytes = 0
    private(set) var isFinished = false
    /// Nil where no rule is in force: then all of a text is decided as it comes.
    private var scanner: TextScanner?
    /// How many questions about it have no answer yet.
    private var openQuestions = 0
    /// Where in a tool call's arguments the text that has left ends; nil for other texts.
    private(set) var leftAt: ArgumentsPosition?

    init(_ field: TextField, number: Int, rules: RuleSet) {
        let surface = PrefRules.TextSurface(field.surface)
        let hasRules = !rules.rules.isEmpty
        self.number = number
        id = field.channel
        self.surface = surface
        repeats = field.repeats
        scanner = hasRules ? rules.scanner(for: surface) : nil
        leftAt = hasRules && field.holdsJSON ? ArgumentsPosition() : nil
    }

    /// Takes the channel's next piece, decoded, and returns its place in the channel's text.
    mutating func feed(_ text: Span<UInt8>) -> Range<Int> {
        let start = fedBytes
        scanner?.feed(text)
        fedBytes += text.count
        return start..<fedBytes
    }

    /// Takes note of a piece that leaves.
    mutating func leave(_ field: TextField, in raw: Span<UInt8>) {
        guard leftAt != nil else { return }
        var text: [UInt8] = []
        field.decode(raw, into: &text)
        leftAt?.advance(over: text.span)
    }

    /// The text ends here: everything is decided.
    mutating func finish() {
        guard !isFinished else { return }
        isFinished = true
        scanner?.finish()
    }

    /// Everything before this offset may leave, once its verdicts have been carried out.
    var decidedOffset: Int { scanner?.decidedOffset ?? fedBytes }

    /// Whether nothing more will come of it.
    var isOver: Bool { isFinished && openQuestions == 0 }

    /// What models are to be asked about the text, since the last call.
    mutating func takeQuestions() -> [ClassifierQuestion] {
        let questions = scanner?.takeQuestions() ?? []
        openQuestions += questions.count
        return questions
    }

    mutating func answer(_ question: ClassifierQuestion, isUnsafe: Bool) {
        openQuestions -= 1
        scanner?.answer(question, isUnsafe: isUnsafe)
    }

    /// The `required` rules that the text has met since the last call.
    mutating func takeMet() -> [String] { scanner?.takeMet() ?? [] }

    mutating func takeVerdicts() -> [Verdict] { scanner?.takeVerdicts() ?? [] }
}

extension PrefRules.TextSurface {
    init(_ surface: ChatWire.TextSurface) {
        self =
            switch surface {
            case .output: .output
            case .reasoning: .reasoning
            case .toolArguments: .toolArguments
            }
    }
}
