/// Changing the members of a JSON object, every other byte as it was.
enum JSONEdit {
    /// The object with members set, in place where they are there and behind the others where not.
    static func setting(
        _ changes: [(name: StaticString, value: [UInt8])],
        in object: [UInt8]
    ) -> [UInt8] {
        let root = JSON.root(object.span)
        guard JSON.kind(object.span, at: root) == .object else { return object }
        return Splice.apply(splices(setting: changes, in: object.span, at: root), to: object.span)
    }

    /// The changes that set members of the object at `offset`.
    static func splices(
        setting changes: [(name: StaticString, value: [UInt8])],
        in text: Span<UInt8>,
        at offset: Int
    ) -> [Splice] {
        var splices: [Splice] = []
        var missing = Array(changes.indices)
        var isEmpty = true
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            isEmpty = false
            let index = changes.indices.first { member.isNamed(changes[$0].name, text) }
            guard let index else { continue }
            let end = JSON.end(text, ofValueAt: member.value)
            splices.append(Splice(member.value..<end, changes[index].value))
            missing.removeAll { $0 == index }
            members.resume(after: end)
        }
        var added: [UInt8] = []
        for index in missing {
            if !isEmpty || !added.isEmpty { added.append(UInt8(ascii: ",")) }
            added.append("\"")
            added.append(changes[index].name)
            added.append("\":")
            added.append(contentsOf: changes[index].value)
        }
        if !added.isEmpty { splices.append(Splice(at: members.end - 1, added)) }
        return splices
    }

    /// The value of a member of an object, as raw JSON; nil without it.
    static func member(_ name: StaticString, of object: [UInt8]) -> [UInt8]? {
        let text = object.span
        let root = JSON.root(text)
        guard JSON.kind(text, at: root) == .object else { return nil }
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: text) {
            guard member.isNamed(name, text) else { continue }
            var value: [UInt8] = []
            value.append(text, member.value..<JSON.end(text, ofValueAt: member.value))
            return value
        }
        return nil
    }
}
