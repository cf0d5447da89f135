/// One stretch of a channel's text that a model is to judge for one rule.
public struct ClassifierQuestion: Sendable {
    /// The rule, and whom it asks.
    public let classifier: RuleClassifier
    /// What the model is to see: the stretch, behind what stands before it.
    public let text: String

    /// The bytes of the channel's text that the verdict is about.
    public let window: Range<Int>
}

/// What models are asked about one channel of text.
struct JudgedText: Sendable {
    private let classifiers: [RuleClassifier]
    private var windows: [ClassifierWindows]
    private var asked: [ClassifierQuestion] = []
    /// Where the windows begin that verdicts are awaited on.
    private var awaited: [Int] = []
    private let holds: Bool

    /// Nil where no rule asks a model.
    init?(_ classifiers: [RuleClassifier]) {
        guard !classifiers.isEmpty else { return nil }
        self.classifiers = classifiers
        holds = classifiers.contains(where: \.holds)
        let spans = Set(classifiers.map(\.detector.window))
        windows = ClassifierDetector.Window.allCases.filter(spans.contains)
            .map { ClassifierWindows($0) }
    }

    /// Where text must be held from that no model has judged.
    var heldStart: Int? {
        guard holds else { return nil }
        let open = windows.lazy.filter(isHolding).compactMap(\.openStart).min()
        let asked = awaited.min()
        return open.map { min($0, asked ?? $0) } ?? asked
    }

    private func isHolding(_ window: ClassifierWindows) -> Bool {
        classifiers.contains { $0.holds && $0.detector.window == window.span }
    }

    mutating func feed(_ bytes: Span<UInt8>) {
        for index in windows.indices {
            for closed in windows[index].feed(bytes) { ask(closed, windows[index].span) }
        }
    }

    mutating func finish() {
        for index in windows.indices {
            if let closed = windows[index].close() { ask(closed, windows[index].span) }
        }
    }

    /// The questions since the last call.
    mutating func takeQuestions() -> [ClassifierQuestion] {
        guard !asked.isEmpty else { return [] }
        defer { asked = [] }
        return asked
    }

    /// A verdict has come; text need not wait for it any longer.
    mutating func settle(_ question: ClassifierQuestion) {
        guard question.classifier.holds,
            let index = awaited.firstIndex(of: question.window.lowerBound)
        else { return }
        awaited.remove(at: index)
    }

    private mutating func ask(_ closed: ClassifierWindows.Closed, _ span: ClassifierDetector.Window)
    {
        let text = String(decoding: closed.text, as: UTF8.self)
        for classifier in classifiers where classifier.detector.window == span {
            asked.append(
                ClassifierQuestion(classifier: classifier, text: text, window: closed.range)
            )
            if classifier.holds { awaited.append(closed.range.lowerBound) }
        }
    }
}
