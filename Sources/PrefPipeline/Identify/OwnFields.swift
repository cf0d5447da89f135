import NIOHTTP1

/// The headers of prefd's own that a request has: found in one pass, and mostly none.
struct OwnFields: Sendable {
    private let fields: [(name: String, value: String)]

    init(_ headers: HTTPHeaders) {
        var fields: [(name: String, value: String)] = []
        for (name, value) in headers where name.isOwnField { fields.append((name, value)) }
        self.fields = fields
    }

    /// The value of one; nil where it is absent or empty.
    ///
    /// - Throws: ``Refusal/badHeader(name:allowed:)`` where it is given twice: readers disagree on which
    ///   one counts.
    func single(_ name: String) throws(Refusal) -> String? {
        var found: String?
        for field in fields where field.name.isSameField(as: name) {
            guard found == nil else { throw .badHeader(name: name, allowed: "one value") }
            found = field.value
        }
        return found == "" ? nil : found
    }
}
