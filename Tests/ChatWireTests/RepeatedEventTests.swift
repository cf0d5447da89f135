import TestSupport
import Testing

@testable import ChatWire

/// Events that are like the ones before them are read by comparing: every outline must be the one that a
/// reader finds who has seen no other event.
@Suite("Events that repeat the last but for a text")
struct RepeatedEventTests {
    private func chunk(
        _ text: String,
        path: String = "content",
        padding: String? = nil,
        id: String = "c1",
        finish: String = "null"
    ) -> [UInt8] {
        let padding = padding.map { ",\"obfuscation\":\"\($0)\"" } ?? ""
        return Array(
            """
            data: {"id":"\(id)","object":"chat.completion.chunk","created":1,"model":"m",\
            "choices":[{"index":0,"delta":{"\(path)":"\(text)"},"logprobs":null,\
            "finish_reason":\(finish)}]\(padding)}\n\n
            """.utf8
        )
    }

    private func check(_ events: [[UInt8]], _ dialect: Dialect = .openAIChat) {
        var reader = AnswerReader(dialect)
        var outline = AnswerOutline()
        for event in events {
            var fresh = AnswerReader(dialect)
            var expected = AnswerOutline()
            var (fault, expectedFault): (JSONError?, JSONError?)
            do { try reader.read(event: event.span, into: &outline) } catch { fault = error }
            do { try fresh.read(event: event.span, into: &expected) } catch {
                expectedFault = error
            }
            #expect(fault == expectedFault, "\(event.text)")
            if fault == nil { #expect(outline == expected, "\(event.text)") }
        }
    }

    @Test("Texts of any kind and length")
    func texts() {
        let texts = [
            "", " a", "word", "ümlaut 漢字 🙂", "longer than a word, and than the one before it",
            "\\n",
            "\\u00e9", "after", "\\\"", "quote\",\"x\":\"y", "tab\t", "x", "line\nbreak", "end\\",
            "z",
        ]
        for padding in [nil, "xx", "0123456789", "", "not a name", "b\\u0061d", "é"] {
            check(texts.map { chunk($0, padding: padding) })
            check(texts.flatMap { [chunk("same", padding: "a"), chunk($0, padding: padding)] })
        }
    }

    @Test("Other members, other choices, the end")
    func others() {
        check([
            chunk("a"), chunk("b"), chunk("c", id: "c2"), chunk("d", id: "c2"),
            chunk("e", path: "reasoning_content"), chunk("f", path: "reasoning_content"),
            chunk("g", path: "role"), chunk("not a name", path: "role"), chunk("h", path: "role"),
            chunk("i", path: "signature"), chunk("j, k", path: "signature"), chunk("k"),
            chunk("l", finish: "\"stop\""), chunk("m"), Array("data: [DONE]\n\n".utf8), chunk("n"),
        ])
    }

    @Test("Ill-formed UTF-8, and events that are cut off or go on")
    func illFormed() {
        var bad = chunk("zzzz")
        if let place = bad.firstIndex(of: UInt8(ascii: "z")) {
            bad[place] = 0xC3
            check([chunk("a"), chunk("b"), bad, chunk("c")])
            bad[place + 1] = 0xA9
            check([chunk("a"), chunk("b"), bad, chunk("c")])
        }
        for count in stride(from: 1, to: chunk("abc").count, by: 7) {
            check([chunk("a"), chunk("b"), Array(chunk("abc").prefix(count)), chunk("c")])
        }
        check([chunk("a"), chunk("b") + chunk("c"), chunk("d")])
        check([chunk("a"), chunk("b"), chunk("c").filter { $0 != UInt8(ascii: "}") }, chunk("d")])
    }

    @Test("Every byte changed in turn, into each of some")
    func everyByte() {
        let (first, event) = (chunk("one", padding: "xyz"), chunk("three", padding: "pqrst"))
        for index in event.indices {
            for byte in Array("\"\\{}[],:a0 \n".utf8) + [0x00, 0x7F, 0x80, 0xFF] {
                var changed = event
                changed[index] = byte
                check([first, changed])
            }
        }
    }

    @Test(
        "Recorded streams",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func recorded() throws {
        for stream in RecordedStream.chat {
            check(try frame(stream.bytes, cutAt: []).events)
        }
    }
}
