internal import Yams

/// One section of the file: its values by key, and what its keys are called in messages.
struct Section {
    /// The section's name, such as `backends.timeouts`; empty for the file itself.
    let name: String
    /// Where it begins.
    let start: Place?
    /// Whether a key was reported as unknown: what then seems to be missing may be that one.
    let hasUnknownKeys: Bool
    private let values: [String: Node]

    /// Takes a section from the tree and reports unknown keys; nil where there is none, or where it
    /// is something else.
    init?(_ node: Node?, name: String, problems: inout ProblemList) {
        guard let node, !Self.isNull(node) else { return nil }
        guard case .mapping(let mapping) = node else {
            let example = (Schema.keys[name] ?? []).joined(separator: ", ")
            let what = name.isEmpty ? "a configuration" : name
            problems.add(
                "\(what) must be a section, but this is \(Self.kind(of: node))",
                at: node.place,
                hint: "its keys are \(example)"
            )
            return nil
        }
        var values: [String: Node] = [:]
        var hasUnknownKeys = false
        let known = Schema.keys[name] ?? []
        for (keyNode, value) in mapping {
            guard let key = keyNode.scalar?.string else {
                problems.add(
                    "a key must be a name, but this is \(Self.kind(of: keyNode))",
                    at: keyNode.place
                )
                continue
            }
            if YAMLDocument.isSetAside(key) { continue }
            guard known.contains(key) else {
                hasUnknownKeys = true
                Self.reportUnknown(key, at: keyNode.place, in: name, problems: &problems)
                continue
            }
            if !Self.isNull(value) { values[key] = value }
        }
        self.name = name
        self.start = node.place
        self.values = values
        self.hasUnknownKeys = hasUnknownKeys
    }

    private static func reportUnknown(
        _ key: String,
        at mark: Place?,
        in section: String,
        problems: inout ProblemList
    ) {
        let place = section.isEmpty ? "" : " in \(section)"
        if Schema.secretSections.contains(section) {
            let hint = "a secret is named by its place: { file: PATH } or { credential: NAME }"
            problems.add("an unknown key\(place)", at: mark, hint: hint)
        } else {
            let hint = Schema.hint(forUnknown: key, in: section)
            problems.add("unknown key \"\(Self.shown(key))\"\(place)", at: mark, hint: hint)
        }
    }

    /// The value of a key, where it is given and not null.
    subscript(key: String) -> Node? { values[key] }

    /// The key as messages name it.
    func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    /// Where a key's value stands, else where the section does.
    func place(of key: String) -> Place? { values[key]?.place ?? start }

    /// A key's section.
    func section(_ key: String, problems: inout ProblemList) -> Section? {
        Section(values[key], name: path(key), problems: &problems)
    }

    /// A key's list; nil where it is not given.
    func list(_ key: String, problems: inout ProblemList) -> [Node]? {
        guard let node = values[key] else { return nil }
        guard case .sequence(let sequence) = node else {
            problems.add(
                "\(path(key)) must be a list, but this is \(Self.kind(of: node))",
                at: node.place,
                hint: node.scalar == nil ? nil : "put it in [ ]"
            )
            return nil
        }
        return Array(sequence)
    }

    /// A key's value, read from its text; nil where it is not given, or where it is wrong and
    /// reported.
    func value<Value>(
        _ key: String,
        _ type: ScalarType,
        problems: inout ProblemList,
        read: (String) throws(BadValue) -> Value
    ) -> Value? {
        guard let node = values[key] else { return nil }
        return Self.value(of: node, called: path(key), type, problems: &problems, read: read)
    }

    /// A scalar's value, read from its text; nil where it is wrong and reported.
    static func value<Value>(
        of node: Node,
        called name: String,
        _ type: ScalarType,
        problems: inout ProblemList,
        read: (String) throws(BadValue) -> Value
    ) -> Value? {
        guard let scalar = node.scalar, type.accepts(node) else {
            let found = kind(of: node)
            problems.add(
                "\(name) must be \(type.rawValue), but this is \(found)",
                at: node.place,
                hint: type == .text && node.scalar != nil ? "put it in quotes" : type.hint
            )
            return nil
        }
        do {
            return try read(scalar.string)
        } catch {
            problems.add("\(name) \(error.phrase)", at: node.place, hint: error.hint)
            return nil
        }
    }

    /// What a node is, in words.
    static func kind(of node: Node) -> String {
        switch node {
        case .mapping: return "a section"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            if scalar.style != .plain && scalar.style != .any { return "text" }
            switch node.tag.rawValue {
            case Tag.Name.bool.rawValue: return "true or false"
            case Tag.Name.int.rawValue, Tag.Name.float.rawValue: return "a number"
            case Tag.Name.null.rawValue: return "nothing"
            default: return "text"
            }
        }
    }

    private static func isNull(_ node: Node) -> Bool { kind(of: node) == "nothing" }

    /// A wrong word as a message repeats it: short and on one line.
    static func shown(_ text: String) -> String {
        let printable = text.unicodeScalars.map { scalar -> String in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: "?"
            default: String(scalar)
            }
        }
        return printable.count > 40 ? printable.prefix(40).joined() + "…" : printable.joined()
    }
}

/// What a value must be, in words.
enum ScalarType: String {
    case text
    case flag = "true or false"
    case number = "a whole number"
    case quantity = "a number with its unit"

    var hint: String? { self == .flag ? "write true or false, without quotes" : nil }

    /// Whether a scalar is of this type.
    func accepts(_ node: Node) -> Bool {
        let kind = Section.kind(of: node)
        return switch self {
        case .text: kind == "text"
        // Old YAML also calls yes, on and True booleans: those are refused by who reads the text.
        case .flag: kind == "true or false"
        case .number: kind == "a number"
        case .quantity: kind == "text" || kind == "a number"
        }
    }
}
