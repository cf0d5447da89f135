internal import FoundationEssentials
public import PrefControl
public import PrefModel
public import PrefRules

/// What the rule engine says, as the messages of the admin socket.
public enum RuleReports {
    /// The rules of a set.
    public static func list(_ rules: RuleSet) -> RuleList {
        RuleList(rules: rules.rules.map(entry))
    }

    /// Reads a directory of packs, or one pack, and reports what would keep it from loading: what is
    /// wrong in it, cases of its own that fail, and rules that ask a backend which is none of
    /// `backends`.
    public static func lint(path: String, backends: [String]) -> RuleLintReport {
        do throws(RulesUnreadable) {
            let rules = try load(path: path, runningCases: true)
            do throws(RuleError) {
                try rules.checkBackends(among: backends)
            } catch {
                throw RulesUnreadable(problems: problems(error))
            }
            return lint(rules)
        } catch {
            return RuleLintReport(packs: 0, rules: 0, problems: error.problems)
        }
    }

    /// Reports on a set that is loaded: it has no problems.
    public static func lint(_ rules: RuleSet) -> RuleLintReport {
        RuleLintReport(
            packs: Set(rules.rules.map(\.pack)).count,
            rules: rules.rules.count,
            problems: []
        )
    }

    /// Runs the cases of the rules of a directory, or of one pack.
    public static func test(path: String) -> RuleTestReport {
        do {
            return test(try load(path: path))
        } catch {
            return RuleTestReport(rules: 0, cases: 0, failures: [], problems: error.problems)
        }
    }

    /// Runs the cases of a set's rules, each on every surface that its rule looks at.
    ///
    /// Those of rules that ask a model are counted apart, and not run.
    public static func test(_ rules: RuleSet) -> RuleTestReport {
        RuleTestReport(
            rules: rules.rules.count,
            cases: rules.rules.filter { !$0.asksModel }.reduce(0) { $0 + cases($1) },
            casesForModels: rules.rules.filter(\.asksModel).reduce(0) { $0 + cases($1) },
            failures: rules.runCases().compactMap { failure($0, in: rules) }
        )
    }

    /// Gets the verdicts of models: for each question whether it is to be treated as unsafe, and the
    /// rules that got none.
    public typealias Judge =
        @Sendable ([ClassifierQuestion]) async -> (isUnsafe: [Bool], unchecked: [UncheckedRule])

    /// Passes a text through rules, as the whole of one answer on one surface.
    ///
    /// - Throws: ``RulesUnreadable`` where the trial names packs that do not load.
    public static func tryOut(
        _ trial: RuleTrial,
        inForce: RuleSet,
        judge: Judge
    ) async throws(RulesUnreadable) -> RuleTrialReport {
        let rules =
            try trial.directory.map { path throws(RulesUnreadable) in try load(path: path) }
            ?? inForce
        let surface = trial.surface.flatMap(TextSurface.init(rawValue:)) ?? .output
        var scanner = rules.scanner(for: surface)
        scanner.feed(trial.text)
        scanner.finish()
        let questions = scanner.takeQuestions()
        let judged = questions.isEmpty ? (isUnsafe: [], unchecked: []) : await judge(questions)
        var hits = rules.explain(trial.text, surface: surface).map(hit)
        for (question, isUnsafe) in zip(questions, judged.isUnsafe) {
            scanner.answer(question, isUnsafe: isUnsafe)
            if isUnsafe { hits.append(hit(question, in: trial.text, rules)) }
        }
        let carriedOut = TrialOutput(text: trial.text, verdicts: scanner.takeVerdicts())
        return RuleTrialReport(
            blocked: carriedOut.blocked,
            output: carriedOut.output,
            hits: hits,
            unchecked: judged.unchecked
        )
    }

    /// What is wrong with packs, as the admin socket says it.
    public static func problems(_ error: RuleError) -> [FileProblem] {
        error.problems.map {
            FileProblem(file: $0.file, line: $0.line, column: $0.column, message: $0.message)
        }
    }

    private static func load(
        path: String,
        runningCases: Bool = false
    ) throws(RulesUnreadable) -> RuleSet {
        do throws(RuleError) {
            guard path.hasSuffix(".yaml"), let text = pack(path) else {
                return try RuleSet.load(directory: path, runningCases: runningCases)
            }
            return try RuleSet(
                packs: [RulePackSource(name: path, text: text)],
                runningCases: runningCases
            )
        } catch {
            throw RulesUnreadable(problems: problems(error))
        }
    }

    /// The text of a pack that stands alone, or nil where the path is no readable file.
    private static func pack(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func cases(_ rule: Rule) -> Int { rule.matchCases.count + rule.passCases.count }

    private static func entry(_ rule: Rule) -> RuleEntry {
        let detector =
            switch rule.detector {
            case .literal: "literal"
            case .regex: "regex"
            case .topic: "topic"
            case .required: "required"
            case .classifier: "classifier"
            }
        return RuleEntry(
            pack: rule.pack,
            id: rule.id,
            description: rule.description,
            detector: detector,
            where: TextSurface.allCases.filter(rule.surfaces.contains).map(\.rawValue),
            action: rule.action.name,
            cases: cases(rule)
        )
    }

    private static func failure(_ failure: CaseFailure, in rules: RuleSet) -> RuleCaseFailure? {
        guard let rule = rules.rules.first(where: { $0.id == failure.ruleID }) else { return nil }
        let texts = failure.expectation == .match ? rule.matchCases : rule.passCases
        return RuleCaseFailure(
            pack: rule.pack,
            rule: rule.id,
            list: failure.expectation.rawValue,
            number: failure.index + 1,
            text: texts[failure.index],
            message: failure.description
        )
    }

    private static func hit(
        _ question: ClassifierQuestion,
        in text: String,
        _ rules: RuleSet
    ) -> RuleTrialHit {
        let rule = rules.rules.first { $0.id == question.classifier.ruleID }
        let judged = String(decoding: Array(text.utf8)[question.window], as: UTF8.self)
        return RuleTrialHit(
            pack: rule?.pack ?? "",
            rule: question.classifier.ruleID,
            action: rule?.action.name ?? "",
            start: question.window.lowerBound,
            end: question.window.upperBound,
            matched: judged,
            normalized: judged
        )
    }

    private static func hit(_ result: TryResult) -> RuleTrialHit {
        RuleTrialHit(
            pack: result.rule.pack,
            rule: result.rule.id,
            action: result.rule.action.name,
            start: result.range.lowerBound,
            end: result.range.upperBound,
            matched: result.matched,
            normalized: result.normalized
        )
    }
}
