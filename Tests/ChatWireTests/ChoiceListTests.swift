import Testing

@testable import ChatWire

@Suite("Choices in another order")
struct ChoiceListTests {
    private let body = Array(
        (#"{ "id":"c", "choices": [ {"index":0,"message":{"content":"a\nb"},"x":1.0} ,"#
            + #"{"message":{"content":"c","role":"assistant"}, "index" : 1}, {"finish_reason":"stop"}"#
            + #" ], "usage":{"n":1e2}}"#).utf8
    )

    private func reordered(_ order: [Int]) throws -> String {
        let read = ChoiceList(body.span)
        let list = try #require(read)
        return String(decoding: list.reordered(order, in: body.span), as: UTF8.self)
    }

    @Test("their texts are read")
    func texts() throws {
        let read = ChoiceList(body.span)
        let list = try #require(read)
        #expect(list.texts == ["a\nb", "c", ""])
    }

    @Test("each keeps its bytes but for its index; all else stays")
    func order() throws {
        #expect(
            try reordered([1, 2, 0])
                == #"{ "id":"c", "choices": [ {"message":{"content":"c","role":"assistant"}, "index" : 0} ,"#
                + #"{"finish_reason":"stop"}, {"index":2,"message":{"content":"a\nb"},"x":1.0} ], "#
                + #""usage":{"n":1e2}}"#
        )
        #expect(try reordered([0, 1, 2]) == String(decoding: body, as: UTF8.self))
    }

    @Test(
        "what has no choices has no order",
        arguments: ["[]", "{}", #"{"choices":[]}"#, #"{"choices":[1]}"#]
    )
    func none(text: String) {
        let bytes = Array(text.utf8)
        let isNone = ChoiceList(bytes.span) == nil
        #expect(isNone)
    }
}
