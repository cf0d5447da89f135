// The detector that asks a model.

extension PackParser {
    private static let classifierKeys = [
        "backend", "endpoint", "model", "categories", "threshold", "instructions", "unsafe_when",
        "safe_when", "window", "timeout", "on_failure",
    ]
    private static let onlyModeration = ["categories", "threshold"]
    private static let onlyChat = ["instructions", "unsafe_when", "safe_when"]

    func parseClassifier(_ node: PackNode) throws(PackNodeError) -> RuleDetector? {
        let entries = try checkedEntries(of: node, allowed: Self.classifierKeys)
        for key in ["backend", "endpoint", "model", "timeout", "on_failure"]
        where entries[key] == nil {
            note(node.error("has no '\(key)'; add one"))
        }
        func value<Value>(
            _ key: String,
            _ read: (PackNode) throws(PackNodeError) -> Value
        ) -> Value? {
            entries[key].flatMap { attempt($0, read) }
        }
        func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) -> Choice?
        where Choice.RawValue == String {
            value(key) { node throws(PackNodeError) in try Self.choice(node) }
        }
        let backend = value("backend", Self.text)
        let endpoint: ClassifierDetector.Endpoint? = choice("endpoint")
        let model = value("model", Self.text)
        let timeout = value("timeout", Self.timeout)
        let onFailure: ClassifierDetector.Failure? = choice("on_failure")
        let window: ClassifierDetector.Window? = choice("window")
        let categories = (value("categories", Self.texts) ?? []).compactMap {
            attempt($0, Self.text)
        }
        let threshold = value("threshold", Self.share)
        let instructions = value("instructions", Self.text)
        let unsafeWhen = value("unsafe_when", Self.text)
        let safeWhen = value("safe_when", Self.text)
        if let endpoint {
            let foreign = endpoint == .moderation ? Self.onlyChat : Self.onlyModeration
            for key in foreign {
                guard let entry = entries[key] else { continue }
                note(entry.error("has no meaning with 'endpoint: \(endpoint.rawValue)'"))
            }
        }
        if (entries["unsafe_when"] == nil) != (entries["safe_when"] == nil) {
            note(
                node.error(
                    "needs both unsafe_when and safe_when, or neither: an answer that says neither"
                        + " is no verdict"
                )
            )
        }
        guard let backend, let endpoint, let model, let timeout, let onFailure else { return nil }
        return .classifier(
            ClassifierDetector(
                backend: backend,
                endpoint: endpoint,
                model: model,
                categories: categories,
                threshold: threshold,
                instructions: instructions,
                unsafeWhen: unsafeWhen ?? ClassifierDetector.usualUnsafeWhen,
                safeWhen: safeWhen ?? ClassifierDetector.usualSafeWhen,
                window: window ?? .sentences,
                timeout: timeout,
                onFailure: onFailure
            )
        )
    }

    /// What makes no sense in a rule that asks a model.
    func checkClassifierRule(
        _ detector: ClassifierDetector,
        _ action: RuleAction,
        _ entries: [String: PackNode]
    ) throws(PackNodeError) {
        for key in ["validate", "see_through", "case"] {
            if let entry = entries[key] {
                throw entry.error("has no meaning for a model; take it out")
            }
        }
        guard let actionNode = entries["action"] else { return }
        switch action {
        case .block, .redact, .replace: return
        case .append:
            throw actionNode.error("can only be block, redact, replace or flag with a classifier")
        case .flag where detector.onFailure == .closed:
            throw actionNode.error(
                "is flag, which closes nothing; write 'on_failure: open', or another action"
            )
        case .flag: return
        }
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: PackNode
    ) throws(PackNodeError) -> Choice where Choice.RawValue == String {
        let text = try node.text()
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue)
            throw node.error("is '\(text)'" + Spelling.hint(for: text, among: known))
        }
        return choice
    }

    private static func share(_ node: PackNode) throws(PackNodeError) -> Double {
        guard let share = Double(try node.text()), share > 0, share <= 1 else {
            throw node.error("must be a number above 0 and up to 1, such as 0.5")
        }
        return share
    }

    private static func timeout(_ node: PackNode) throws(PackNodeError) -> Duration {
        let text = try node.text()
        let units: [(suffix: String, milliseconds: Int)] = [("ms", 1), ("s", 1000)]
        if let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let count = Int(text.dropLast(unit.suffix.count)), count > 0, count <= 60_000
        {
            let timeout = Duration.milliseconds(count * unit.milliseconds)
            if timeout <= ClassifierDetector.longestTimeout { return timeout }
        }
        throw node.error("is '\(text)'; write a time up to 60s, such as 500ms or 2s")
    }
}
