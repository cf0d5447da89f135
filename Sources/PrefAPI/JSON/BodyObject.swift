internal import FoundationEssentials
internal import PrefModel

/// A JSON object of a body, read field by field; what is wrong says which field it is.
struct BodyObject {
    private let members: [String: JSONNode]
    /// Where the object stands in the body, for messages: empty for the body itself.
    private let path: String

    private init(members: [String: JSONNode], path: String) {
        self.members = members
        self.path = path
    }

    /// Reads a body that must be one object with no other fields than these.
    init(body: [UInt8], fields: [String]) throws(APIRefusal) {
        let node: JSONNode
        do {
            node = try JSONParser.parse(body)
        } catch {
            throw .notJSON(error)
        }
        try self.init(node, path: "", fields: fields)
    }

    /// Reads a value that must be an object with no other fields than these.
    init(_ node: JSONNode, path: String, fields: [String]) throws(APIRefusal) {
        guard case .object(let members) = node else {
            throw .malformed(
                "\(path.isEmpty ? "The body" : path) is \(node.kind), not an object.",
                hint: "Send an object with \(Self.list(fields))."
            )
        }
        self.init(members: members, path: path)
        for name in members.keys.sorted() where !fields.contains(name) {
            let nearest = Nearest.of(name, among: fields)
            throw .malformed(
                "\(path.isEmpty ? "The body" : path) has a field that this call does not take.",
                hint: nearest.map { "Did you mean \($0)?" } ?? "It takes \(Self.list(fields))."
            )
        }
    }

    /// Whether the field is there and not null.
    func has(_ name: String) -> Bool {
        switch members[name] {
        case nil, .null?: false
        default: true
        }
    }

    /// The field's value, or nil where it is missing or null.
    func node(_ name: String) -> JSONNode? {
        members[name].flatMap { $0 == .null ? nil : $0 }
    }

    /// A text, or nil where it is missing or null.
    func string(_ name: String) throws(APIRefusal) -> String? {
        switch node(name) {
        case nil: return nil
        case .string(let text)?: return text
        case let other?: throw wrongType(name, other, wanted: "a string")
        }
    }

    /// A text that must be there.
    func requiredString(_ name: String) throws(APIRefusal) -> String {
        guard let text = try string(name) else { throw missing(name, wanted: "a string") }
        return text
    }

    /// A truth value that must be there.
    func requiredBool(_ name: String) throws(APIRefusal) -> Bool {
        switch node(name) {
        case nil: throw missing(name, wanted: "true or false")
        case .bool(let value)?: return value
        case let other?: throw wrongType(name, other, wanted: "true or false")
        }
    }

    /// A list, or nil where it is missing or null.
    func array(_ name: String) throws(APIRefusal) -> [JSONNode]? {
        switch node(name) {
        case nil: return nil
        case .array(let elements)?: return elements
        case let other?: throw wrongType(name, other, wanted: "an array")
        }
    }

    /// The field's place in the body, for messages.
    func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func missing(_ name: String, wanted: String) -> APIRefusal {
        .malformed("\(place(name)) is missing.", hint: "Send \(name) as \(wanted).")
    }

    private func wrongType(_ name: String, _ node: JSONNode, wanted: String) -> APIRefusal {
        .malformed(
            "\(place(name)) is \(node.kind), not \(wanted).",
            hint: "Send \(name) as \(wanted)."
        )
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
