// Rules that ask models: who they are, and whether whom they ask is there.

extension RuleSet {
    /// Whether any rule asks a model.
    public var asksModels: Bool { !classifiers.isEmpty }

    /// The rules that ask models about a surface.
    func classifiers(for surface: TextSurface) -> [RuleClassifier] {
        classifiers.filter { rules[$0.rule].surfaces.contains(surface) }
    }

    /// Says which rules ask backends that are not there.
    ///
    /// - Parameter backends: the names of those that are, and speak OpenAI's dialect.
    /// - Throws: the rules' problems.
    public func checkBackends(among backends: [String]) throws(RuleError) {
        let problems = classifiers.filter { !backends.contains($0.detector.backend) }.map { one in
            one.place.problem(
                "'backend' of rule \(one.ruleID) is '\(one.detector.backend)', and no backend of"
                    + " the configuration that speaks openai has that name"
                    + (backends.isEmpty
                        ? "; add one to 'backends'"
                        : Spelling.hint(for: one.detector.backend, among: backends))
            )
        }
        guard problems.isEmpty else { throw RuleError(problems: problems) }
    }
}
