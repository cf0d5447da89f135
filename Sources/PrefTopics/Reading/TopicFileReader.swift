internal import PrefModel
internal import Yams

/// What one file says.
struct TopicFile {
    /// The topic; nil in a file of everyday phrases.
    var topic: Topic?
    var place = 0
    var terms: [(term: Term, kind: Lexicon.Meaning.Kind)] = []
    /// Slots of terms, for each combination.
    var combinations: [[[Term]]] = []
}

/// Reads files of topics and collects everything that is wrong with them.
struct TopicFileReader {
    private static let keys = ["topic", "everyday", "tier", "meaning", "words"]
    private static let groups = ["strong", "weak", "together", "never"]
    /// How long a name may be.
    private static let longestName = 32

    private(set) var problems: [TopicError.Problem] = []
    private var file = ""

    /// Reads one file; nil where it cannot be read at all.
    mutating func read(_ source: TopicSource) -> TopicFile? {
        file = source.name
        let entries: [String: Node]
        // Yams keeps a pointer into the text, which only longer texts have on the heap.
        let text = source.text + "\n                "
        do {
            guard let root = try Yams.compose(yaml: text, .basic) else {
                note(nil, "the file is empty; it has the keys topic, tier, meaning and words")
                return nil
            }
            guard let found = mapping(root, named: "the file", allowed: Self.keys) else {
                return nil
            }
            entries = found
        } catch let error as YamlError {
            note(error)
            return nil
        } catch {
            note(nil, "it cannot be read as YAML")
            return nil
        }
        var result = TopicFile()
        if let everyday = entries["everyday"] {
            if let topic = entries["topic"] {
                note(topic, "a file has either 'topic' or 'everyday'; make it two files")
            }
            _ = name(everyday)
        } else {
            result.topic = topic(entries)
        }
        result.place = line(entries["topic"] ?? entries["everyday"]) ?? 1
        guard let words = entries["words"] else {
            note(nil, "it has no words; add 'words:' with a language, such as 'en:'")
            return result
        }
        readWords(words, into: &result, isEveryday: entries["everyday"] != nil)
        return result
    }

    private mutating func topic(_ entries: [String: Node]) -> Topic? {
        guard let nameNode = entries["topic"] else {
            note(nil, "it has no 'topic'; name it, such as 'topic: politics'")
            return nil
        }
        guard let name = name(nameNode) else { return nil }
        guard let tierNode = entries["tier"], let tierText = tierNode.string else {
            note(nameNode, "topic \(name) has no tier; add 'tier: safeguarded' or another")
            return nil
        }
        guard let tier = Tier(rawValue: tierText) else {
            note(
                tierNode,
                "'\(tierText)' is no tier" + hint(tierText, Tier.allCases.map(\.rawValue))
            )
            return nil
        }
        guard let meaning = entries["meaning"]?.string, !meaning.isEmpty else {
            note(nameNode, "topic \(name) has no meaning; say in a line what belongs to it")
            return nil
        }
        return Topic(name: name, tier: tier, meaning: meaning)
    }

    private mutating func name(_ node: Node) -> String? {
        let text = node.string ?? ""
        let isPlain = text.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
        }
        guard !text.isEmpty, text.utf8.count <= Self.longestName, isPlain else {
            note(
                node,
                "a name is at most \(Self.longestName) lower-case letters, digits and '-', such as"
                    + " self-harm"
            )
            return nil
        }
        return text
    }

    private mutating func readWords(
        _ node: Node,
        into result: inout TopicFile,
        isEveryday: Bool
    ) {
        guard let languages = node.mapping else {
            note(node, "'words' maps a language to its terms, such as 'en:'")
            return
        }
        let allowed = isEveryday ? ["never"] : Self.groups
        for (key, value) in languages {
            let language = key.string ?? ""
            guard LanguageTag.canonical(language) != nil else {
                note(key, "'\(language)' is no language tag, such as en or zh")
                continue
            }
            guard let groups = mapping(value, named: "'\(language)'", allowed: allowed) else {
                continue
            }
            for name in allowed { if let group = groups[name] { read(group, name, &result) } }
        }
    }

    private mutating func read(_ node: Node, _ group: String, _ result: inout TopicFile) {
        for (line, text) in lines(of: node, group) {
            if group == "together" {
                let slots = text.split(
                    separator: UInt8(ascii: "+"),
                    omittingEmptySubsequences: false
                )
                guard slots.count > 1 else {
                    note(line: line, "'together' needs parts with + between: 'took, ate + pills'")
                    continue
                }
                result.combinations.append(slots.map { terms($0, line) })
                continue
            }
            let kind: Lexicon.Meaning.Kind =
                switch group {
                case "strong": .strong
                case "weak": .weak
                default: .never
                }
            for term in terms(text, line) { result.terms.append((term, kind)) }
        }
    }

    /// The lines of a block of terms, or the entries of a list of them, as UTF-8: splitting text by
    /// characters would take most of the time that loading does.
    private mutating func lines(
        of node: Node,
        _ group: String
    ) -> [(line: Int, text: ArraySlice<UInt8>)] {
        switch node {
        case .scalar(let scalar):
            let isBlock = scalar.style == .literal
            let first = (line(node) ?? 0) + (isBlock ? 1 : 0)
            return Array(scalar.string.utf8).split(
                separator: UInt8(ascii: "\n"),
                omittingEmptySubsequences: false
            ).enumerated().filter { !$0.element.allSatisfy { $0 == UInt8(ascii: " ") } }
                .map { (first + (isBlock ? $0.offset : 0), $0.element) }
        case .sequence(let items):
            return items.compactMap { item in
                item.string.map { (line(item) ?? 0, Array($0.utf8)[...]) }
            }
        default:
            note(node, "'\(group)' is a block of terms with commas between, or a list of them")
            return []
        }
    }

    private mutating func terms(_ text: ArraySlice<UInt8>, _ line: Int) -> [Term] {
        var terms: [Term] = []
        for piece in text.split(separator: UInt8(ascii: ",")) {
            guard let first = piece.firstIndex(where: { $0 != UInt8(ascii: " ") }),
                let last = piece.lastIndex(where: { $0 != UInt8(ascii: " ") })
            else { continue }
            if let term = Term(piece[first...last]) {
                terms.append(term)
                continue
            }
            note(
                line: line,
                "'\(String(decoding: piece[first...last], as: UTF8.self))' is no term: it needs two"
                    + " letters or more, * only in front or at the end, and commas as in English"
            )
        }
        return terms
    }

    // MARK: What is wrong

    private mutating func mapping(
        _ node: Node,
        named name: String,
        allowed: [String]
    ) -> [String: Node]? {
        guard let mapping = node.mapping else {
            note(node, "\(name) must be a mapping with the keys \(allowed.joined(separator: ", "))")
            return nil
        }
        var result: [String: Node] = [:]
        for (key, value) in mapping {
            let text = key.string ?? ""
            if allowed.contains(text) {
                result[text] = value
            } else {
                note(key, "the key '\(text)' of \(name) is not known" + hint(text, allowed))
            }
        }
        return result
    }

    private func hint(_ word: String, _ known: [String]) -> String {
        let nearest = known.min {
            EditDistance.between(word, $0) < EditDistance.between(word, $1)
        }
        if let nearest, EditDistance.between(word, nearest) <= max(2, nearest.count / 3) {
            return "; did you mean '\(nearest)'?"
        }
        return "; there are \(known.joined(separator: ", "))"
    }

    private func line(_ node: Node?) -> Int? { node?.mark?.line }

    private mutating func note(_ node: Node?, _ message: String) {
        problems.append(TopicError.Problem(file: file, line: line(node), message: message))
    }

    private mutating func note(line: Int, _ message: String) {
        problems.append(TopicError.Problem(file: file, line: line, message: message))
    }

    private mutating func note(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            note(line: mark.line, "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            note(
                line: context.mark.line,
                "the key '\(keys.joined(separator: "', '"))' is given twice"
            )
        default: note(nil, "it cannot be read as YAML")
        }
    }
}
