import ChatWire

/// A bug planted for the fuzzer to find: one that finds nothing here has no eyes.
///
/// To get there an input must be valid JSON of some shape, which only the coverage of `ChatWire`
/// leads to: an empty corpus and blind chance do not.
enum Canary {
    static func check(_ bytes: [UInt8]) {
        let text = bytes.span
        guard (try? JSON.validate(text)) != nil else { return }
        let root = JSON.root(text)
        guard JSON.kind(text, at: root) == .array else { return }
        var elements = JSONElements(arrayAt: root)
        while let element = elements.next(in: text) {
            guard JSON.kind(text, at: element) == .object else { continue }
            var members = JSONMembers(objectAt: element)
            while let member = members.next(in: text) {
                require(!member.key.hasEscapes, "the canary sings")
            }
        }
    }
}
