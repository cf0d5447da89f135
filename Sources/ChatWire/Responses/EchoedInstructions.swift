/// The `instructions` that a response gives back: they are to be the app's own again.
enum EchoedInstructions {
    /// The changes that take the preference block out of the value at `offset`, a string or items.
    static func removals(_ text: Span<UInt8>, at offset: Int) -> [Splice] {
        switch JSON.kind(text, at: offset) {
        case .string:
            let string = JSONString.scan(text, at: offset)
            let found = SystemPrompt.blocks(text, string)
            if found.coverAll {
                let end = string.contents.upperBound + 1
                return [Splice(offset..<end, Array("null".utf8))]
            }
            return found.ranges.map { Splice($0, []) }
        case .array:
            var outline = AnswerOutline()
            var walk = TextWalk()
            _ = walk.walk(text, at: offset, TextWalk.Reading(), into: &outline)
            return outline.fields.flatMap { field in
                SystemPrompt.blocks(text, field.string).ranges.map { Splice($0, []) }
            }
        default: return []
        }
    }
}
