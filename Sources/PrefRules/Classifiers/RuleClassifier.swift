/// A rule that asks a model, ready to read what it answers.
public struct RuleClassifier: Sendable {
    /// The rule's id.
    public let ruleID: String
    /// Whom it asks, and how.
    public let detector: ClassifierDetector
    /// Whether text waits for the verdict: not where the rule only records.
    public let holds: Bool

    /// The rule's index in its rule set.
    let rule: Int
    /// Where the detector stands.
    let place: PackPlace
    private let unsafeWhen: AnswerPattern
    private let safeWhen: AnswerPattern

    init(
        _ detector: ClassifierDetector,
        of rule: Rule,
        index: Int,
        at place: PackPlace
    ) throws(PatternError) {
        ruleID = rule.id
        self.detector = detector
        holds = rule.action.changesMatch
        self.rule = index
        self.place = place
        unsafeWhen = try AnswerPattern(detector.unsafeWhen)
        safeWhen = try AnswerPattern(detector.safeWhen)
    }

    /// Whether a guard model's answer finds the text unsafe; nil where it says neither.
    public func isUnsafe(answer: String) -> Bool? {
        if unsafeWhen.occurs(in: answer) { return true }
        return safeWhen.occurs(in: answer) ? false : nil
    }

    /// Whether a moderation's result finds the text unsafe; nil where it lacks what the rule asks for.
    ///
    /// - Parameters:
    ///   - flagged: whether the model found anything.
    ///   - categories: what it found, by category.
    ///   - scores: how sure it is, by category.
    /// - Returns: whether the text is unsafe to the rule.
    public func isUnsafe(
        flagged: Bool?,
        categories: [String: Bool],
        scores: [String: Double]
    ) -> Bool? {
        if let threshold = detector.threshold {
            if detector.categories.isEmpty {
                return scores.isEmpty ? nil : scores.values.contains { $0 >= threshold }
            }
            return any(detector.categories.map { name in scores[name].map { $0 >= threshold } })
        }
        if detector.categories.isEmpty { return flagged }
        return any(detector.categories.map { categories[$0] })
    }

    /// One that holds is enough; else all must be known.
    private func any(_ findings: [Bool?]) -> Bool? {
        if findings.contains(true) { return true }
        return findings.contains(nil) ? nil : false
    }
}

/// A pattern that is looked for in a model's answer.
private struct AnswerPattern: Sendable {
    private let program: SurfaceProgram
    private let rules: [Rule]

    init(_ pattern: String) throws(PatternError) {
        let rule = Rule(
            id: "answer",
            pack: "",
            description: "",
            source: nil,
            detector: .regex(pattern),
            validators: [],
            surfaces: [.output],
            action: .flag,
            isCaseSensitive: false,
            seeThrough: [],
            matchCases: [],
            passCases: []
        )
        rules = [rule]
        program = SurfaceProgram([try CompiledPattern(rule, index: 0, validators: [])])
    }

    func occurs(in text: String) -> Bool {
        var scanner = TextScanner(program: program, rules: rules, surface: .output)
        scanner.feed(text)
        scanner.finish()
        return !scanner.takeVerdicts().isEmpty
    }
}
