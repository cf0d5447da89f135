/// A set of header field names, asked without making a lower-case copy of each name.
struct FieldNames: Sendable {
    // By length: most names have another length than any here, and need no comparison.
    private var byLength: [[String]] = []

    /// The names, in lower case.
    init(_ names: String...) {
        for name in names {
            let length = name.utf8.count
            while byLength.count <= length { byLength.append([]) }
            byLength[length].append(name)
        }
    }

    /// Whether a name is among these; field names are ASCII and have no case.
    func contains(_ name: String) -> Bool {
        let length = name.utf8.count
        guard length < byLength.count else { return false }
        return byLength[length].contains { $0.isSameField(as: name) }
    }
}

extension String {
    /// Compares two field names, which are ASCII and have no case.
    func isSameField(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (name, other) = (self, other)
        name.makeContiguousUTF8()
        other.makeContiguousUTF8()
        let (bytes, same) = (name.utf8.span, other.utf8.span)
        for index in bytes.indices where bytes[index] | 0x20 != same[index] | 0x20 { return false }
        return true
    }

    /// Whether a field is one of prefd's own.
    var isOwnField: Bool {
        guard let first = utf8.first, first | 0x20 == UInt8(ascii: "x") else { return false }
        return utf8.prefix(8).elementsEqual("x-prefd-".utf8) { $0 | 0x20 == $1 }
    }
}
