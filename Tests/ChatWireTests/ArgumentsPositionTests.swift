import Testing

@testable import ChatWire

@Suite("Replacing text in tool arguments")
struct ArgumentsPositionTests {
    /// The arguments with a range of their bytes replaced.
    private func replace(_ arguments: [UInt8], _ range: Range<Int>, nextIsKnown: Bool) -> [UInt8] {
        var position = ArgumentsPosition()
        position.advance(over: arguments.span.extracting(0..<range.lowerBound))
        let start = position
        position.advance(over: arguments.span.extracting(range))
        let next =
            nextIsKnown && range.upperBound < arguments.count ? arguments[range.upperBound] : nil
        let replacement = ArgumentsPosition.replacement(
            "[\"x\"]",
            from: start,
            to: position,
            next: next
        )
        return arguments[..<range.lowerBound] + replacement + arguments[range.upperBound...]
    }

    @Test("Any part of any string can be replaced, escapes cut in half and all")
    func strings() throws {
        let arguments = Array(#"{"k":"a\n\"\\\u00e9é\/b","n":[1]}"#.utf8)
        let contents = JSONString.scan(arguments.span, at: 5).contents
        for low in contents.lowerBound..<contents.upperBound {
            for high in low + 1...contents.upperBound {
                // A match is whole characters.
                guard !UTF8Sequence.isContinuation(arguments[low]),
                    !UTF8Sequence.isContinuation(arguments[high])
                else { continue }
                let result = replace(arguments, low..<high, nextIsKnown: false)
                #expect(throws: Never.self, "\(result.text)") { try JSON.validate(result.span) }
                #expect(result.text.hasSuffix(#"","n":[1]}"#))
            }
        }
    }

    @Test("A number becomes a string, a part of one another number")
    func numbers() throws {
        let arguments = Array(#"{"card": 4111111111111111 }"#.utf8)
        #expect(replace(arguments, 9..<25, nextIsKnown: true).text == #"{"card": "[\"x\"]" }"#)
        for low in 9..<25 {
            for high in low + 1...25 {
                let result = replace(arguments, low..<high, nextIsKnown: high < 25)
                #expect(throws: Never.self, "\(result.text)") { try JSON.validate(result.span) }
            }
        }
    }

    @Test("How the arguments came in pieces does not matter")
    func pieces() {
        let arguments = Array(#"{"a\"":"\u00e9\\","b":-1.5e3,"c":[true,"x"]}"#.utf8)
        var whole = ArgumentsPosition()
        whole.advance(over: arguments.span)
        var stepwise = ArgumentsPosition()
        for index in arguments.indices {
            stepwise.advance(over: arguments.span.extracting(index..<index + 1))
        }
        #expect(whole == stepwise)
        #expect(whole == ArgumentsPosition())
    }
}
