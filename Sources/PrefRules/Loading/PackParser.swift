internal import Yams

/// A rule as it was read, with the places to name when something is wrong with it.
struct LocatedRule: Sendable {
    let rule: Rule
    /// Whether it stands in a pack just as prefd ships it: its cases pass, and its automaton is
    /// within its limit, by the tests of prefd's own.
    let isShipped: Bool
    let idPlace: PackPlace
    let detectorPlace: PackPlace
    let matchPlaces: [PackPlace]
    let passPlaces: [PackPlace]
}

/// Reads rule packs from YAML and collects everything that is wrong with them.
struct PackParser {
    private static let packKeys = ["pack", "description", "enabled", "rules"]
    private static let ruleKeys = [
        "id", "tier", "description", "source", "detect", "validate", "where", "action", "case",
        "see_through", "match", "pass",
    ]
    private static let detectors = ["literal", "regex", "topic", "required", "classifier"]
    private static let actions = ["block", "redact", "replace", "append", "flag"]

    /// What is wrong so far.
    private var problems: [RuleError.Problem] { found.problems }

    // Shared by the nested readers, each of which may add to it.
    private final class Found {
        var problems: [RuleError.Problem] = []
    }

    private let found = Found()
    private let isShipped: Bool

    private init(isShipped: Bool) { self.isShipped = isShipped }

    /// Reads one pack; what can be read of it is returned even if something is wrong.
    ///
    /// Of a pack with `enabled: false` nothing is, but it is checked all the same.
    static func read(
        _ source: RulePackSource,
        isShipped: Bool
    ) -> (rules: [LocatedRule], problems: [RuleError.Problem]) {
        let parser = PackParser(isShipped: isShipped)
        let rules = parser.parse(source)
        return (rules, parser.problems)
    }

    private func parse(_ source: RulePackSource) -> [LocatedRule] {
        do {
            return try parsePack(Self.compose(source), file: source.name)
        } catch {
            note(error)
            return []
        }
    }

    func note(_ error: PackNodeError) {
        found.problems.append(error.place.problem(error.message))
    }

    /// Gives the value, or nil and notes what is wrong with it.
    func attempt<Value>(
        _ node: PackNode,
        _ read: (PackNode) throws(PackNodeError) -> Value
    ) -> Value? {
        do {
            return try read(node)
        } catch {
            note(error)
            return nil
        }
    }

    private static func compose(_ source: RulePackSource) throws(PackNodeError) -> PackNode {
        let place = PackPlace(file: source.name)
        // Yams keeps a pointer into the text, which only longer texts have on the heap.
        let text = source.text + "\n                "
        do {
            // What a scalar means is for its reader to say: nothing is guessed from its look.
            guard let node = try Yams.compose(yaml: text, .basic) else {
                throw PackNodeError(
                    place: place,
                    message: "the file is empty; a pack has the keys pack and rules"
                )
            }
            return PackNode(node: node, file: source.name, name: "the pack")
        } catch let error as PackNodeError {
            throw error
        } catch let error as YamlError {
            throw Self.describe(error, file: source.name)
        } catch {
            throw PackNodeError(place: place, message: "it cannot be read as YAML")
        }
    }

    private static func describe(_ error: YamlError, file: String) -> PackNodeError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            PackNodeError(
                place: PackPlace(file: file, mark),
                message: "this is not YAML: \(problem)"
            )
        case .duplicatedKeysInMapping(let keys, let context):
            PackNodeError(
                place: PackPlace(file: file, context.mark),
                message: "the key '\(keys.joined(separator: "', '"))' is given twice"
            )
        case .reader(let problem, _, _, _):
            PackNodeError(
                place: PackPlace(file: file),
                message: "this is not YAML: \(problem)"
            )
        default:
            PackNodeError(place: PackPlace(file: file), message: "it cannot be read as YAML")
        }
    }

    private func parsePack(
        _ pack: PackNode,
        file: String
    ) throws(PackNodeError) -> [LocatedRule] {
        let entries = try checkedEntries(of: pack, allowed: Self.packKeys)
        let name = entries["pack"].flatMap { attempt($0, Self.identifier) }
        if entries["pack"] == nil { note(pack.error("has no name; add 'pack: NAME'")) }
        if let description = entries["description"] { _ = attempt(description, Self.text) }
        let isEnabled = entries["enabled"].flatMap { attempt($0, Self.truth) } ?? true
        guard let rules = entries["rules"] else {
            throw pack.error("has no rules; add 'rules:' and a list")
        }
        var result: [LocatedRule] = []
        for rule in try rules.list() {
            do {
                if let rule = try parseRule(rule, pack: name ?? file) { result.append(rule) }
            } catch {
                note(error)
            }
        }
        return isEnabled ? result : []
    }

    private func parseRule(
        _ node: PackNode,
        pack: String
    ) throws(PackNodeError) -> LocatedRule? {
        let before = problems.count
        let id = try node.entries().first { $0.key.node.scalar?.string == "id" }?.value.node.scalar
        let rule = id.map { node.named("rule \($0.string)") } ?? node
        let entries = try checkedEntries(of: rule, allowed: Self.ruleKeys)
        for key in ["id", "description", "detect", "action"] where entries[key] == nil {
            note(rule.error("has no '\(key)'; add one"))
        }
        if let tier = entries["tier"] { _ = attempt(tier, Self.tier) }
        func strings(_ key: String) -> [PackNode] {
            entries[key].flatMap { attempt($0, Self.texts) } ?? []
        }
        func values(_ nodes: [PackNode]) -> [String] {
            nodes.compactMap { attempt($0, Self.text) }
        }
        let matchCases = strings("match")
        let passCases = strings("pass")
        let validators = strings("validate").compactMap { attempt($0, Self.validator) }
        let seeThrough = Set(
            strings("see_through").compactMap { attempt($0, Self.seeThrough) }
        )
        let given =
            entries["where"] == nil
            ? nil : Set(strings("where").compactMap { attempt($0, Self.surface) })
        let detector = entries["detect"].flatMap { attempt($0, parseDetector) }
        let action = entries["action"].flatMap { attempt($0, parseAction) }
        let isCaseSensitive = entries["case"].flatMap { attempt($0, Self.caseSensitivity) }
        let name = entries["id"].flatMap { attempt($0, Self.identifier) }
        let description = entries["description"].flatMap { attempt($0, Self.text) }
        let source = entries["source"].flatMap { attempt($0, Self.text) }
        let matches = values(matchCases)
        let passes = values(passCases)
        guard problems.count == before, let name, let description,
            let action = action.flatMap({ $0 }), let detector = detector.flatMap({ $0 }),
            let idNode = entries["id"], let actionNode = entries["action"],
            let detectNode = entries["detect"]
        else { return nil }
        try checkTopicRule(detector, action, at: actionNode, cases: matchCases + passCases)
        if case .classifier(let classifier) = detector {
            try checkClassifierRule(classifier, action, entries)
        }
        return LocatedRule(
            rule: Rule(
                id: name,
                pack: pack,
                description: description,
                source: source,
                detector: detector,
                validators: validators,
                surfaces: given ?? detector.usualSurfaces,
                action: action,
                isCaseSensitive: isCaseSensitive ?? false,
                seeThrough: seeThrough,
                matchCases: matches,
                passCases: passes
            ),
            isShipped: isShipped,
            idPlace: idNode.place,
            detectorPlace: detectNode.place,
            matchPlaces: matchCases.map(\.place),
            passPlaces: passCases.map(\.place)
        )
    }

    /// The entries of a mapping by key; keys that are not allowed are noted.
    func checkedEntries(
        of node: PackNode,
        allowed: [String]
    ) throws(PackNodeError) -> [String: PackNode] {
        var result: [String: PackNode] = [:]
        for (key, value) in try node.entries() {
            let name = key.node.scalar?.string ?? ""
            if allowed.contains(name) {
                result[name] = value
            } else {
                note(key.error("is not known" + Spelling.hint(for: name, among: allowed)))
            }
        }
        return result
    }

    private func parseDetector(_ node: PackNode) throws(PackNodeError) -> RuleDetector? {
        let entries = try checkedEntries(of: node, allowed: Self.detectors)
        guard entries.count <= 1 else {
            throw node.error("has two detectors; make it two rules")
        }
        if let regex = entries["regex"] { return .regex(try regex.text()) }
        if let topic = entries["topic"] { return .topic(try topic.text()) }
        if let required = entries["required"] { return try parseRequired(required) }
        if let classifier = entries["classifier"] { return try parseClassifier(classifier) }
        guard let literal = entries["literal"] else {
            if try node.entries().isEmpty { throw node.error("is empty; give literal or regex") }
            return nil
        }
        return .literal(try Self.strings(literal))
    }

    private func parseRequired(_ node: PackNode) throws(PackNodeError) -> RuleDetector? {
        let entries = try checkedEntries(of: node, allowed: ["topic", "said"])
        guard let topic = entries["topic"], let said = entries["said"] else {
            throw node.error("needs a topic and the texts of which one must be said: topic, said")
        }
        return .required(topic: try topic.text(), said: try Self.strings(said))
    }

    private static func strings(_ node: PackNode) throws(PackNodeError) -> [String] {
        var texts: [String] = []
        for text in try node.texts() { texts.append(try text.text()) }
        return texts
    }

    /// A rule on a topic has no match that could be changed, and one without texts has no cases.
    private func checkTopicRule(
        _ detector: RuleDetector,
        _ action: RuleAction,
        at actionNode: PackNode,
        cases: [PackNode]
    ) throws(PackNodeError) {
        switch detector {
        case .literal, .regex, .classifier: return
        case .topic:
            if let first = cases.first {
                throw first.error("cannot be tested: a topic is the request's, not the text's")
            }
        case .required: break
        }
        switch action {
        case .append, .flag: return
        case .block, .redact, .replace:
            throw actionNode.error("can only be append or flag in a rule on a topic")
        }
    }

    private func parseAction(_ node: PackNode) throws(PackNodeError) -> RuleAction? {
        if case .scalar(let scalar) = node.node {
            switch scalar.string {
            case "block": return .block
            case "flag": return .flag
            case "redact": return .redact(RuleAction.defaultRedaction)
            case "replace", "append":
                throw node.error("needs a text: write { \(scalar.string): \"…\" }")
            default:
                throw node.error(
                    "is '\(scalar.string)', which is no action"
                        + Spelling.hint(for: scalar.string, among: Self.actions)
                )
            }
        }
        let entries = try checkedEntries(of: node, allowed: Self.actions)
        guard entries.count <= 1 else { throw node.error("has two actions; a rule has one") }
        guard let (name, value) = entries.first else { return nil }
        switch name {
        case "redact": return .redact(try value.text())
        case "replace": return .replace(try value.text())
        case "append": return .append(try value.text())
        default: throw node.error("takes no text: write 'action: \(name)'")
        }
    }
}
