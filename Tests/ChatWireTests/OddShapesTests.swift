import Testing

@testable import ChatWire

/// What the fields of a stream's events say, event after event, as one reader reads them.
private func texts(_ dialect: Dialect, _ events: String...) throws -> [[String]] {
    var reader = AnswerReader(dialect)
    return try events.map { json in
        let raw = Array(dialect.framing == .jsonLines ? "\(json)\n".utf8 : "data: \(json)\n\n".utf8)
        var outline = AnswerOutline()
        try reader.read(event: raw.span, into: &outline)
        return outline.fields.map { JSONString.decoded(raw.span, $0.string) }
    }
}

@Suite("Answers in shapes that no server should send")
struct OddShapesTests {
    @Test("a bare string is text, also behind events of other shapes", arguments: Dialect.allCases)
    func bareStrings(dialect: Dialect) throws {
        let found = try texts(
            dialect,
            #"{"vendor":{"deeply":{"nested":"one"}}}"#,
            #""two""#,
            #"["three",["four"]]"#
        )
        #expect(found == [["one"], ["two"], ["three", "four"]])
    }

    @Test("strings beside objects in an array are text", arguments: Dialect.allCases)
    func mixedArrays(dialect: Dialect) throws {
        let found = try texts(dialect, #"{"x":[{"role":"user","name":"one"},"two",["three"]]}"#)
        #expect(found == [["one", "two", "three"]])
    }

    @Test("what stands too deep for a path is judged by no key above it")
    func deepPaths() throws {
        let key = String(repeating: "k", count: 60)
        let opening = String(repeating: #"{"\#(key)":"#, count: 4)
        let json = #"{"x":\#(opening){"role":{"a":{"b":"text"}}}}}}}}"#
        #expect(try texts(.openAIChat, json) == [["text"]])
    }

    @Test("the keys of a tool's arguments are the tool's: no string there is a name or a seal")
    func argumentsHaveNoNames() throws {
        let arguments = #"{"id":"one","data":"dHdv","type":"three"}"#
        let ollama =
            #"{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":\#(arguments)}}]}}"#
        #expect(try texts(.ollamaChat, ollama) == [["f", "one", "dHdv", "three"]])
        let anthropic =
            #"{"content_block":{"type":"tool_use","id":"t","name":"f","input":\#(arguments)}}"#
        #expect(try texts(.anthropicMessages, anthropic) == [["f", "one", "dHdv", "three"]])
    }

    @Test(
        "an empty object stays valid where it is blocked, said more to, or left without choices",
        arguments: Dialect.allCases,
        ["{}", "{ \n}"]
    )
    func emptyObjects(dialect: Dialect, text: String) throws {
        let raw = Array(text.utf8)
        var reader = AnswerReader(dialect)
        var outline = AnswerOutline()
        try reader.read(whole: raw.span, into: &outline)
        for splices in [
            reader.splices(blocking: 0, in: outline),
            reader.splices(appending: "Call.", to: 0, in: outline),
            reader.splices(removing: [0], from: outline),
        ] {
            try JSON.validate(Splice.apply(splices, to: raw.span).span)
        }
    }
}
