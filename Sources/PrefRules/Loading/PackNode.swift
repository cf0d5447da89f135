internal import Yams

/// A place in a rule pack.
struct PackPlace: Sendable, Hashable {
    let file: String
    let line: Int?
    let column: Int?

    init(file: String, _ mark: Mark? = nil) {
        self.file = file
        line = mark?.line
        column = mark?.column
    }

    /// A problem at this place.
    func problem(_ message: String) -> RuleError.Problem {
        RuleError.Problem(file: file, line: line, column: column, message: message)
    }
}

/// What is wrong at a node of the YAML tree.
struct PackNodeError: Error {
    let place: PackPlace
    let message: String
}

/// A node of a rule pack's YAML tree, with what it is called and where it stands.
struct PackNode {
    let node: Node
    let file: String
    /// What it is called in messages, such as `'where' of rule jwt`.
    let name: String

    var place: PackPlace { PackPlace(file: file, node.mark) }

    /// An error about this node.
    func error(_ message: String) -> PackNodeError {
        PackNodeError(place: place, message: "\(name) \(message)")
    }

    /// The text of a scalar that is not empty.
    func text() throws(PackNodeError) -> String {
        guard case .scalar(let scalar) = node else {
            throw error("must be a text, not a \(kind)")
        }
        guard !scalar.string.isEmpty else { throw error("is empty; give it a text") }
        return scalar.string
    }

    /// The entries of a list of texts; a single text is a list of one.
    func texts() throws(PackNodeError) -> [PackNode] {
        switch node {
        case .scalar: return [self]
        case .sequence(let items):
            guard !items.isEmpty else { throw error("is an empty list; give it an entry") }
            return items.enumerated().map { index, item in
                PackNode(node: item, file: file, name: "\(name)[\(index)]")
            }
        default: throw error("must be a text or a list of texts, not a \(kind)")
        }
    }

    /// The entries of a list.
    func list() throws(PackNodeError) -> [PackNode] {
        guard case .sequence(let items) = node else {
            throw error("must be a list, not a \(kind)")
        }
        return items.enumerated().map { index, item in
            PackNode(node: item, file: file, name: "\(name)[\(index)]")
        }
    }

    /// The entries of a mapping in their order, by key.
    func entries() throws(PackNodeError) -> [(key: PackNode, value: PackNode)] {
        guard case .mapping(let mapping) = node else {
            throw error("must be a mapping of keys to values, not a \(kind)")
        }
        return mapping.map { key, value in
            let text = key.scalar?.string ?? ""
            return (
                PackNode(node: key, file: file, name: "the key '\(text)' of \(name)"),
                PackNode(node: value, file: file, name: "'\(text)' of \(name)")
            )
        }
    }

    /// The node under another name.
    func named(_ name: String) -> PackNode { PackNode(node: node, file: file, name: name) }

    private var kind: String {
        switch node {
        case .scalar: "text"
        case .sequence: "list"
        case .mapping: "mapping"
        case .alias: "alias"
        }
    }
}
