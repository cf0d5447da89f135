internal import FoundationEssentials

/// The rules in force: compiled once, immutable, shared by all streams.
///
/// A rule set is whole or not there: where anything is wrong with a pack, all of it is refused.
public struct RuleSet: Sendable {
    /// The rules, in the order of their packs.
    public let rules: [Rule]

    /// The few rules that go by the topic of a request, so that no request looks through all.
    let topicRules: [Rule]
    /// The rules that ask models.
    let classifiers: [RuleClassifier]
    private let programs: [TextSurface: SurfaceProgram]

    /// Reads and compiles packs.
    ///
    /// - Parameters:
    ///   - packs: the packs, in order; no rule id may occur twice.
    ///   - runningCases: whether to refuse packs whose own test cases fail.
    /// - Throws: everything that is wrong with the packs.
    public init(packs: [RulePackSource], runningCases: Bool = true) throws(RuleError) {
        try self.init(packs: packs, problems: [], runningCases: runningCases)
    }

    /// Reads the packs of a directory: its `*.yaml` files, by name.
    ///
    /// - Parameters:
    ///   - directory: the directory's path.
    ///   - runningCases: whether to refuse packs whose own test cases fail.
    /// - Returns: the rules of all packs; none where the directory has no pack.
    /// - Throws: everything that is wrong with the directory or the packs.
    public static func load(
        directory: String,
        runningCases: Bool = true
    ) throws(RuleError) -> RuleSet {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            let message = "the directory of rule packs cannot be read; check the path and that"
            throw RuleError(problems: [
                PackPlace(file: directory).problem(message + " prefd may read it")
            ])
        }
        var packs: [RulePackSource] = []
        var problems: [RuleError.Problem] = []
        for file in files where !file.hasPrefix(".") {
            let path = directory.hasSuffix("/") ? directory + file : directory + "/" + file
            if file.hasSuffix(".yml") {
                problems.append(
                    PackPlace(file: path).problem(
                        "rule packs end in .yaml; rename it, or move it away if it is not in use"
                    )
                )
            }
            guard file.hasSuffix(".yaml") else { continue }
            guard let data = FileManager.default.contents(atPath: path) else {
                problems.append(
                    PackPlace(file: path).problem("it cannot be read; check its permissions")
                )
                continue
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                problems.append(PackPlace(file: path).problem("it is not UTF-8 text"))
                continue
            }
            packs.append(RulePackSource(name: path, text: text))
        }
        return try RuleSet(packs: packs, problems: problems, runningCases: runningCases)
    }

    /// The packs that prefd ships with.
    ///
    /// - Throws: what is wrong with them; a test of prefd's own keeps that from happening.
    public static func builtIn() throws(RuleError) -> RuleSet {
        try RuleSet(packs: builtInPacks, runningCases: false)
    }

    /// The files of the packs that prefd ships with, in the order of their names.
    static var builtInPacks: [RulePackSource] {
        [
            ("contact.yaml", PackageResources.contact_yaml),
            ("control-tokens.yaml", PackageResources.control_tokens_yaml),
            ("credentials-ai.yaml", PackageResources.credentials_ai_yaml),
            ("credentials-cloud.yaml", PackageResources.credentials_cloud_yaml),
            ("credentials-code.yaml", PackageResources.credentials_code_yaml),
            ("credentials-operations.yaml", PackageResources.credentials_operations_yaml),
            ("credentials-services.yaml", PackageResources.credentials_services_yaml),
            ("credentials.yaml", PackageResources.credentials_yaml),
            ("crisis.yaml", PackageResources.crisis_yaml),
            ("identifiers.yaml", PackageResources.identifiers_yaml),
            ("leakage.yaml", PackageResources.leakage_yaml),
            ("medical.yaml", PackageResources.medical_yaml),
            ("payment.yaml", PackageResources.payment_yaml),
        ].map { name, bytes in
            RulePackSource(name: name, text: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// A scanner for one channel of text.
    public func scanner(for surface: TextSurface) -> TextScanner {
        // Every surface has a program: they are made for all cases.
        let program = programs[surface] ?? SurfaceProgram([])
        return TextScanner(
            program: program,
            rules: rules,
            surface: surface,
            classifiers: classifiers.isEmpty ? [] : classifiers(for: surface)
        )
    }

    private init(
        packs: [RulePackSource],
        problems: [RuleError.Problem],
        runningCases: Bool
    ) throws(RuleError) {
        let shipped = Set(Self.builtInPacks.map(\.text))
        let read = packs.concurrentMap { PackParser.read($0, isShipped: shipped.contains($0.text)) }
        let located = read.flatMap(\.rules)
        var problems = problems + read.flatMap(\.problems)
        let patterns = Array(located.enumerated()).concurrentMap { index, rule in
            Self.compile(rule, index: index)
        }
        var firstPlace: [String: PackPlace] = [:]
        var compiled: [CompiledPattern] = []
        var classifiers: [RuleClassifier] = []
        for (rule, pattern) in zip(located, patterns) {
            if let first = firstPlace[rule.rule.id] {
                let place = first.line.map { "\(first.file):\($0)" } ?? first.file
                problems.append(
                    rule.idPlace.problem(
                        "rule \(rule.rule.id) is already at \(place); ids are unique over all"
                            + " packs"
                    )
                )
                continue
            }
            firstPlace[rule.rule.id] = rule.idPlace
            switch pattern {
            case .success(.pattern(let pattern)): compiled.append(pattern)
            case .success(.classifier(let classifier)): classifiers.append(classifier)
            case .success(.topic): break
            case .failure(let problem): problems.append(problem.problem)
            }
        }
        guard problems.isEmpty else { throw RuleError(problems: problems) }
        rules = located.map(\.rule)
        topicRules = rules.filter { rule in
            switch rule.detector {
            case .topic, .required: true
            case .literal, .regex, .classifier: false
            }
        }
        self.classifiers = classifiers
        programs = Self.programs(for: located.map(\.rule), compiled)
        guard runningCases else { return }
        let failures = runCases(of: located.filter { !$0.isShipped }.map(\.rule))
        guard failures.isEmpty else {
            throw RuleError(problems: Self.problems(for: failures, in: located))
        }
    }

    /// A rule's detector, ready to be used.
    private enum Compiled: Sendable {
        case pattern(CompiledPattern)
        case classifier(RuleClassifier)
        /// There is nothing in it to compile.
        case topic
    }

    private static func compile(
        _ located: LocatedRule,
        index: Int
    ) -> Result<Compiled, DetectorProblem> {
        let rule = located.rule
        do {
            switch rule.detector {
            case .topic: return .success(.topic)
            case .classifier(let detector):
                return .success(
                    .classifier(
                        try RuleClassifier(
                            detector,
                            of: rule,
                            index: index,
                            at: located.detectorPlace
                        )
                    )
                )
            case .literal, .regex, .required:
                return .success(
                    .pattern(
                        try CompiledPattern(
                            rule,
                            index: index,
                            validators: rule.validators.compactMap {
                                ValidatorName(rawValue: $0)?.validator
                            },
                            isKnownToFit: located.isShipped
                        )
                    )
                )
            }
        } catch {
            let message = "'detect' of rule \(rule.id): \(error.text)"
            return .failure(DetectorProblem(problem: located.detectorPlace.problem(message)))
        }
    }

    private struct DetectorProblem: Error {
        let problem: RuleError.Problem
    }

    private static func programs(
        for rules: [Rule],
        _ compiled: [CompiledPattern]
    ) -> [TextSurface: SurfaceProgram] {
        let parts = TextSurface.allCases.map { surface in
            compiled.filter { rules[$0.index].surfaces.contains(surface) }
        }
        // Surfaces with the same rules share a program.
        let keys = parts.map { $0.map(\.index) }
        let firsts = keys.indices.filter { keys.firstIndex(of: keys[$0]) == $0 }
        let programs = firsts.map { parts[$0] }.concurrentMap { SurfaceProgram($0) }
        let known = Dictionary(uniqueKeysWithValues: zip(firsts.map { keys[$0] }, programs))
        return Dictionary(
            uniqueKeysWithValues: zip(TextSurface.allCases, keys).compactMap { surface, key in
                known[key].map { (surface, $0) }
            }
        )
    }

    private static func problems(
        for failures: [CaseFailure],
        in located: [LocatedRule]
    ) -> [RuleError.Problem] {
        failures.compactMap { failure in
            guard let rule = located.first(where: { $0.rule.id == failure.ruleID }) else {
                return nil
            }
            let places = failure.expectation == .match ? rule.matchPlaces : rule.passPlaces
            return places[failure.index].problem(failure.description)
        }
    }
}
