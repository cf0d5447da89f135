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
        utf8.count == other.utf8.count
            && utf8.elementsEqual(other.utf8) { $0 | 0x20 == $1 | 0x20 }
    }

    /// Whether a field is one of prefd's own.
    var isOwnField: Bool {
        let prefix = "x-prefd-".utf8
        return utf8.count >= prefix.count
            && utf8.prefix(prefix.count).elementsEqual(prefix) {
                $0 | 0x20 == $1
            }
    }
}
