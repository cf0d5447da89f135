import Foundation
import TestSupport
import Testing

@testable import ChatWire

private func read(_ body: String) throws(WireError) -> ChatRequestOutline {
    try OpenAIChat.readRequest(Array(body.utf8).span)
}

private func insert(
    _ block: String,
    into body: String,
    _ placement: PreferenceBlock.Placement = .end
) throws -> String {
    let result = apply(try read(body).splices(inserting: block, placement: placement), to: body)
    try JSON.validate(Array(result.utf8).span)
    return result
}

@Suite("Reading OpenAI Chat requests")
struct OpenAIChatRequestTests {
    @Test("What routing and identity need is found, however keys are spelled")
    func outline() throws {
        let outline = try read(
            #"""
             {"n": 2, "metadata": {"user_id": "m", "x": [1, {"user_id": 3}]}, "str\u0065am": true, "user":"u",
             "messages": [{"content": "s", "role": "system"}, {"role": "user", "content": "one"},
              {"role": "assistant", "content": null, "tool_calls": []}, {"role":"tool","content":"t"},
              {"role": "us\u0065r", "content": [{"type":"text","text":"two"},
                {"type":"image_url","image_url":{"url":"data:"}},{"text":"three","type":"text"}]}],
             "stream_options": {"include_usage": true}, "safety_identifier": "s\n", "model": "gpt-\u0034"}
            """#
        )
        #expect(outline.model == "gpt-4")
        #expect(outline.stream && outline.includesUsage && outline.choices == 2)
        #expect(outline.endUser.user == "u" && outline.endUser.metadataUserID == "m")
        #expect(outline.endUser.safetyIdentifier == "s\n")
        #expect(outline.messageCount == 5 && outline.userTurns == 2)
        #expect(outline.lastUserTexts.count == 2)
        #expect(outline.earlierUserTexts.map(\.count) == [1])
    }

    @Test("Of the user's messages before the last the two latest are kept, the latest first")
    func earlierUserTexts() throws {
        let messages = ["one", "two", "three", "four"].map { text in
            #"{"role":"user","content":"\#(text)"},{"role":"assistant","content":"a"}"#
        }
        let body = Array(#"{"messages":[\#(messages.joined(separator: ","))]}"#.utf8)
        let outline = try OpenAIChat.readRequest(body.span)
        let texts = outline.earlierUserTexts.map { $0.map { JSONString.decoded(body.span, $0) } }
        #expect(texts == [["three"], ["two"]])
        #expect(outline.lastUserTexts.map { JSONString.decoded(body.span, $0) } == ["four"])
    }

    @Test("Members that may be null or absent have their defaults")
    func defaults() throws {
        let outline = try read(
            #"{"messages":[{"role":"user"}],"stream":null,"n":null,"user":null,"stream_options":null,"metadata":null}"#
        )
        #expect(outline.model == nil && !outline.stream && outline.choices == 1)
        #expect(outline.endUser == ChatRequestOutline.EndUserIDs())
    }

    @Test(
        "What cannot be read one way only is refused, with the member at fault",
        arguments: [
            (#"{"#, nil), ("[]", nil), ("", nil), (#""x""#, nil), (#"{"messages":[]} x"#, nil),
            (#"{}"#, "messages"), (#"{"messages":[]}"#, "messages"),
            (#"{"messages":{}}"#, "messages"),
            (#"{"messages":null}"#, "messages"),
            (#"{"messages":[{"role":"user"}],"messages":[{"role":"user"}]}"#, "messages"),
            (#"{"messages":[{"role":"user"}],"m\u0065ssages":[{"role":"user"}]}"#, "messages"),
            (#"{"messages":[{"role":"user"}],"Messages":[{"role":"user"}]}"#, "messages"),
            (#"{"messages":[{"role":"user"}],"meſſages":[{"role":"user"}]}"#, "messages"),
            (#"{"messages":[{"role":"user"}],"me\u017fsages":[{"role":"user"}]}"#, "messages"),
            (#"{"messages":["x"]}"#, "messages[0]"),
            (#"{"messages":[{"role":"user"},null]}"#, "messages[1]"),
            (#"{"messages":[{"content":"x"}]}"#, "messages[0].role"),
            (#"{"messages":[{"role":1}]}"#, "messages[0].role"),
            (#"{"messages":[{"role":"user","role":"system"}]}"#, "messages[0].role"),
            (#"{"messages":[{"role":"user","Content":"x"}]}"#, "messages[0].content"),
            (#"{"messages":[{"role":"user","content":1}]}"#, "messages[0].content"),
            (#"{"messages":[{"role":"user","content":{}}]}"#, "messages[0].content"),
            (#"{"messages":[{"role":"user","content":"a","content":"b"}]}"#, "messages[0].content"),
            (#"{"messages":[{"role":"user","content":["x"]}]}"#, "messages[0].content[0]"),
            (
                #"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
                "messages[0].content[0].text"
            ),
            (
                #"{"messages":[{"role":"user","content":[{"type":"text","text":1}]}]}"#,
                "messages[0].content[0].text"
            ),
            (
                #"{"messages":[{"role":"user","content":[{"type":1}]}]}"#,
                "messages[0].content[0].type"
            ),
            (
                #"{"messages":[{"role":"user","content":[{"type":"text","text":"a","text":"b"}]}]}"#,
                "messages[0].content[0].text"
            ),
            (#"{"messages":[{"role":"user"}],"model":1}"#, "model"),
            (#"{"messages":[{"role":"user"}],"model":null}"#, "model"),
            (#"{"messages":[{"role":"user"}],"model":"a","model":"b"}"#, "model"),
            (#"{"messages":[{"role":"user"}],"stream":"true"}"#, "stream"),
            (#"{"messages":[{"role":"user"}],"stream":1}"#, "stream"),
            (#"{"messages":[{"role":"user"}],"stream_options":[]}"#, "stream_options"),
            (
                #"{"messages":[{"role":"user"}],"stream_options":{"include_usage":1}}"#,
                "stream_options.include_usage"
            ),
            (#"{"messages":[{"role":"user"}],"n":0}"#, "n"),
            (#"{"messages":[{"role":"user"}],"n":1.0}"#, "n"),
            (#"{"messages":[{"role":"user"}],"n":"1"}"#, "n"),
            (#"{"messages":[{"role":"user"}],"n":-1}"#, "n"),
            (#"{"messages":[{"role":"user"}],"n":123456789012345678901234}"#, "n"),
            (#"{"messages":[{"role":"user"}],"user":1}"#, "user"),
            (#"{"messages":[{"role":"user"}],"safety_identifier":{}}"#, "safety_identifier"),
            (#"{"messages":[{"role":"user"}],"metadata":"x"}"#, "metadata"),
            (#"{"messages":[{"role":"user"}],"metadata":{"user_id":1}}"#, "metadata.user_id"),
            (
                #"{"messages":[{"role":"user"}],"metadata":{"user_id":"a","user_id":"b"}}"#,
                "metadata.user_id"
            ),
        ] as [(String, String?)]
    )
    func refusals(body: String, param: String?) throws {
        let error = try #require(throws: WireError.self) { try read(body) }
        #expect(error.param == param)
    }

    @Test("Keys prefd does not read may repeat, and values may be anything")
    func unknownKeys() throws {
        _ = try read(
            #"{"messages":[{"role":"user","name":"a","name":"b"}],"x":1,"x":[2],"mess\u0061ge":1}"#
        )
    }

    @Test("No error repeats anything from the body")
    func silence() throws {
        let error = try #require(throws: WireError.self) {
            try read(#"{"messages":[{"role":"user","content":{"s3cret":"s3cret"}}]}"#)
        }
        #expect(!error.message.contains("s3cret"))
    }

    @Test("A body of many megabytes is read in one go")
    func largeBody() throws {
        let image = String(repeating: "iVBORw0KGgo/", count: 1 << 20)
        let body = Array(
            (#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,"#
                + image + #""}},{"type":"text","text":"what"}]}]}"#).utf8
        )
        let outline = try OpenAIChat.readRequest(body.span)
        #expect(outline.lastUserTexts.count == 1)
    }

    // Skipped where the data folder is not there, except in CI.
    @Test(
        "Every recorded request is read, and differs by the block only",
        .enabled(if: SharedData.isExpected, "shared/data is not there")
    )
    func recordedRequests() throws {
        #expect(RecordedStream.chat.count > 100)
        for stream in RecordedStream.chat {
            let outline = try OpenAIChat.readRequest(stream.request.span)
            let block = PreferenceBlock.opening + "\nBe \"terse\".\n" + PreferenceBlock.closing
            for placement in [PreferenceBlock.Placement.end, .start] {
                let splices = outline.splices(inserting: block, placement: placement)
                #expect(splices.count == 1)
                let result = Splice.apply(splices, to: stream.request.span)
                let range = splices[0].range
                #expect(
                    result.prefix(range.lowerBound).elementsEqual(
                        stream.request.prefix(range.lowerBound)
                    )
                )
                #expect(
                    result.suffix(stream.request.count - range.upperBound).elementsEqual(
                        stream.request[range.upperBound...]
                    )
                )
                let again = try OpenAIChat.readRequest(result.span)
                #expect(again.earlierBlockCount == 1)
                let repeated = again.splices(inserting: block, placement: placement)
                #expect(Splice.apply(repeated, to: result.span) == result)
            }
        }
    }
}

@Suite("Placing the block in OpenAI Chat requests")
struct BlockPlacementTests {
    @Test(
        "At the end of the last leading system or developer message",
        arguments: [
            (
                #"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"U"}]}"#,
                #"{"messages":[{"role":"system","content":"S\n\nB"},{"role":"user","content":"U"}]}"#
            ),
            (
                #"{"messages":[{"content":"S","role":"system"},{"role":"developer","content":"D\""},{"role":"user"},{"role":"system","content":"X"}]}"#,
                #"{"messages":[{"content":"S","role":"system"},{"role":"developer","content":"D\"\n\nB"},{"role":"user"},{"role":"system","content":"X"}]}"#
            ),
            (
                #"{"messages":[{"role":"system","content":""}]}"#,
                #"{"messages":[{"role":"system","content":"B"}]}"#
            ),
            (
                #"{"messages":[{"role":"system","content":null}]}"#,
                #"{"messages":[{"role":"system","content":"B"}]}"#
            ),
            (
                #"{"messages":[{ "role":"system"}]}"#,
                #"{"messages":[{"content":"B", "role":"system"}]}"#
            ),
            (
                #"{"messages":[{"role":"system","content":[ {"type":"text","text":"S"} ]}]}"#,
                #"{"messages":[{"role":"system","content":[ {"type":"text","text":"S"},{"type":"text","text":"B"} ]}]}"#
            ),
            (
                #"{"messages":[{"role":"system","content":[ ]}]}"#,
                #"{"messages":[{"role":"system","content":[{"type":"text","text":"B"} ]}]}"#
            ),
            (
                #"{"messages": [ {"role":"user","content":"U"}]}"#,
                #"{"messages": [{"role":"system","content":"B"}, {"role":"user","content":"U"}]}"#
            ),
            (
                #"{"messages":[{"role":"user"},{"role":"system","content":"late"}]}"#,
                #"{"messages":[{"role":"system","content":"B"},{"role":"user"},{"role":"system","content":"late"}]}"#
            ),
        ]
    )
    func atEnd(body: String, expected: String) throws {
        #expect(try insert("B", into: body) == expected)
    }

    @Test(
        "At the beginning of the first, where the config says start",
        arguments: [
            (
                #"{"messages":[{"role":"system","content":"S"},{"role":"developer","content":"D"}]}"#,
                #"{"messages":[{"role":"system","content":"B\n\nS"},{"role":"developer","content":"D"}]}"#
            ),
            (
                #"{"messages":[{"role":"system","content":[ {"type":"text","text":"S"}]}]}"#,
                #"{"messages":[{"role":"system","content":[ {"type":"text","text":"B"},{"type":"text","text":"S"}]}]}"#
            ),
            (
                #"{"messages":[{"role":"user"}]}"#,
                #"{"messages":[{"role":"system","content":"B"},{"role":"user"}]}"#
            ),
        ]
    )
    func atStart(body: String, expected: String) throws {
        #expect(try insert("B", into: body, .start) == expected)
    }

    @Test("The block is escaped for JSON")
    func escaping() throws {
        let body = #"{"messages":[{"role":"system","content":"S"}]}"#
        #expect(
            try insert("\"q\"\n\u{1}é", into: body)
                == #"{"messages":[{"role":"system","content":"S\n\n\"q\"\n\u0001é"}]}"#
        )
    }

    private let block = PreferenceBlock.opening + "\nnew\n" + PreferenceBlock.closing
    private let old = PreferenceBlock.opening + "\nold\n" + PreferenceBlock.closing

    @Test(
        "Exactly one block, and the same bytes every turn, wherever an earlier one stands",
        arguments: [
            #"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"U"}]}"#,
            #"{"messages":[{"role":"system","content":"S\n"},{"role":"user","content":"U"}]}"#,
            #"{"messages":[{"role":"system","content":""},{"role":"user","content":"U"}]}"#,
            #"{"messages":[{"role":"user","content":"U"}]}"#,
            #"{"messages":[{"role":"system","content":[{"type":"text","text":"S"}]},{"role":"user"}]}"#,
            #"{"messages":[{"role":"system","content":[{"type":"image","x":1},{"type":"text","text":"S"}]}]}"#,
            #"{"messages":[{"role":"system","content":"A"},{"role":"developer","content":[{"type":"text","text":"é\ud83d\ude00"}]}]}"#,
        ],
        [PreferenceBlock.Placement.end, .start]
    )
    func oneBlock(body: String, placement: PreferenceBlock.Placement) throws {
        let first = try insert(old, into: body, placement)
        let second = try insert(block, into: first, placement)
        #expect(try second == insert(block, into: body, placement))
        #expect(try insert(block, into: second, placement) == second)
        #expect(try read(second).earlierBlockCount == 1)
        if !body.contains(#""messages":[{"role":"user""#) {
            let emptied = apply(try read(second).splicesRemovingBlocks(), to: second)
            #expect(emptied == body)
        }
        // Moved by a change of the config.
        let other: PreferenceBlock.Placement = placement == .end ? .start : .end
        #expect(try read(insert(block, into: second, other)).earlierBlockCount == 1)
    }

    @Test("Several earlier blocks all go, however they are escaped")
    func severalBlocks() throws {
        let spelled = #"\u003cuser_preferences source=\u0022prefd\">x\u003c\/user_preferences>"#
        let body =
            #"{"messages":[{"role":"system","content":"a\n\n\#(spelled)b\#(spelled)"},{"role":"system","content":"\#(spelled)"},{"role":"user","content":"\#(spelled)"}]}"#
        let result = try insert("N", into: body)
        #expect(
            result
                == #"{"messages":[{"role":"system","content":"ab"},{"role":"system","content":"N"},{"role":"user","content":"\#(spelled)"}]}"#
        )
    }

    @Test("Parts that are nothing but a block go whole; an array never becomes empty")
    func wholeParts() throws {
        let part = #"{"type":"text","text":"\#(JSONString.encoded(old).text)"}"#
        let kept = #"{"type":"text","text":"S"}"#
        func body(_ parts: String...) -> String {
            #"{"messages":[{"role":"system","content":[\#(parts.joined(separator: ", "))]}]}"#
        }
        func removed(_ body: String) throws -> String {
            let result = apply(try read(body).splicesRemovingBlocks(), to: body)
            try JSON.validate(Array(result.utf8).span)
            return result
        }
        #expect(try removed(body(part, kept, part)) == body(kept))
        #expect(try removed(body(part, part, kept)) == body(kept))
        #expect(try removed(body(kept, part, part)) == body(kept))
        let blank = #"{"type":"text","text":""}"#
        #expect(try removed(body(part)) == body(blank))
        #expect(try removed(body(part, part, part)) == body(blank))
        for placement in [PreferenceBlock.Placement.end, .start] {
            for parts in [[part], [part, part], [part, kept], [kept, part], [part, kept, part]] {
                let whole = body(parts.joined(separator: ", "))
                #expect(try read(insert(block, into: whole, placement)).earlierBlockCount == 1)
            }
        }
    }

    @Test("An opening without a closing is text like any other")
    func unfinishedBlock() throws {
        let opening = JSONString.encoded(PreferenceBlock.opening).text
        let body = #"{"messages":[{"role":"system","content":"\#(opening) x"}]}"#
        #expect(try read(body).earlierBlockCount == 0)
    }

    @Test("The reminder goes right before the last user message")
    func reminder() throws {
        let body =
            #"{"messages":[{"role":"user","content":"1"}, {"role":"user","content":"2"},{"role":"assistant","content":"3"}]}"#
        let splice = try #require(try read(body).splice(reminding: "R"))
        #expect(
            apply([splice], to: body)
                == #"{"messages":[{"role":"user","content":"1"}, {"role":"system","content":"R"},{"role":"user","content":"2"},{"role":"assistant","content":"3"}]}"#
        )
        #expect(try read(#"{"messages":[{"role":"system"}]}"#).splice(reminding: "R") == nil)
        // Both at once, at one offset.
        let short = #"{"messages":[{"role":"user","content":"1"}]}"#
        let outline = try read(short)
        let both = outline.splices(inserting: "B") + [try #require(outline.splice(reminding: "R"))]
        #expect(
            apply(both, to: short)
                == #"{"messages":[{"role":"system","content":"B"},{"role":"system","content":"R"},{"role":"user","content":"1"}]}"#
        )
    }
}
